package dev.cairn.system;

import com.google.protobuf.ByteString;
import dev.cairn.client.ClientSettings;
import dev.cairn.client.ClusterVfs;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.Caller;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.master.compact.CompactionSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A master in this process, and a file that two clients have open: the far one reaches the master
 * through a wire that loses what it is told to, and is soon tired of waiting for answers. Sessions
 * live longer than the tests wait.
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

  FarAndNear(Path directory) throws Exception {
    cluster =
        new InProcessCluster(
            InProcessCluster.settings(
                directory, 2 << 20, Duration.ofSeconds(3), CompactionSettings.defaults()));
    wire = new Forwarder(cluster.master());
    far = ClusterVfs.connect(wire.address(), "far", patient(Duration.ofSeconds(1)));
    near = ClusterVfs.connect(cluster.master(), "near", patient(Duration.ofSeconds(30)));
    nearHandle = done(near.create(CALLER, Vfs.ROOT, NAME, 0644, true, WRITING)).opened().handle();
    inode = done(far.lookup(Vfs.ROOT, NAME)).getInode();
    farHandle = done(far.open(inode, WRITING)).handle();
  }

  private static ClientSettings patient(Duration masterPatience) {
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
