package dev.cairn.system;

import com.google.protobuf.ByteString;
import dev.cairn.client.ClientSettings;
import dev.cairn.client.ClusterVfs;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.Caller;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.master.MasterSettings;
import dev.cairn.master.compact.CompactionSettings;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.repair.RepairSettings;
import dev.cairn.master.session.SessionSettings;
import dev.cairn.rpc.Masters;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A master in this process, and a file that two clients have open: the far one reaches the master
 * through a wire that loses what it is told to, and is soon tired of waiting for answers.
 */
final class FarAndNear {

  private static final Caller CALLER = new Caller(0, 0, 1);
  private static final OpenFlags WRITING = new OpenFlags(true, true, false, false);
  private static final ByteString NAME = ByteString.copyFromUtf8("f");

  private final InProcessCluster cluster;
  final Forwarder wire;
  final Vfs far;
  final Vfs near;
  final long inode;
  final long farHandle;
  final long nearHandle;

  /** With sessions that live longer than most tests wait. */
  FarAndNear(Path directory) throws Exception {
    this(directory, Duration.ofSeconds(60));
  }

  /**
   * Starts all.
   *
   * @param sessions how long they live without their clients, and leases at least after the start
   */
  FarAndNear(Path directory, Duration sessions) throws Exception {
    cluster =
        new InProcessCluster(
            new MasterSettings(
                directory,
                InProcessCluster.ANY_PORT,
                new Defaults(2 << 20, 2),
                Duration.ofSeconds(10),
                SessionSettings.of(sessions),
                Duration.ofSeconds(3),
                RepairSettings.defaults(),
                CompactionSettings.defaults()));
    wire = new Forwarder(cluster.master().first());
    far = ClusterVfs.connect(Masters.of(wire.address()), "far", patient(Duration.ofSeconds(1)));
    near = ClusterVfs.connect(cluster.master(), "near", patient(Duration.ofSeconds(30)));
    nearHandle = done(near.create(CALLER, Vfs.ROOT, NAME, 0644, true, WRITING)).opened().handle();
    inode = done(far.lookup(Vfs.ROOT, NAME)).getInode();
    farHandle = done(far.open(inode, WRITING)).handle();
  }

  static ClientSettings patient(Duration masterPatience) {
    ClientSettings mount = ClientSettings.forMount();
    return new ClientSettings(
        mount.writeBufferBytes(),
        mount.readCacheBytes(),
        mount.dataThreads(),
        masterPatience,
        mount.serverPatience(),
        mount.writeBackAfter());
  }

  static <T> T done(CompletableFuture<T> operation) throws Exception {
    return operation.get(30, TimeUnit.SECONDS);
  }

  void stop() throws Exception {
    far.close();
    near.close();
    wire.close();
    cluster.end();
  }
}
