package dev.cairn.system;

import static dev.cairn.system.FarAndNear.done;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.chunkserver.ChunkServer;
import dev.cairn.chunkserver.ChunkServerSettings;
import dev.cairn.chunkserver.data.DataPortSettings;
import dev.cairn.chunkserver.store.StoreSettings;
import dev.cairn.client.ClusterVfs;
import dev.cairn.client.cluster.ClusterClient;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.Caller;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.master.Master;
import dev.cairn.master.MasterSettings;
import dev.cairn.master.compact.CompactionSettings;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.repair.RepairSettings;
import dev.cairn.master.session.SessionSettings;
import dev.cairn.master.store.RocksStore;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.finding.ClusterFindings;
import dev.cairn.rpc.proto.GetStatusReply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The master of another cluster takes the address of a mount's master, and goes again. */
@Timeout(120)
class OtherClusterTest {

  private static final Caller CALLER = new Caller(0, 0, 1);
  private static final OpenFlags BOTH = new OpenFlags(true, true, false, false);
  private static final ByteString NAME = ByteString.copyFromUtf8("f");
  private static final String CONTENT = "of the right cluster";

  @TempDir Path scratch;
  private HostPort address = InProcessCluster.ANY_PORT;
  private RocksStore store;
  private Master master;
  private ChunkServer server;
  private Vfs files;
  private int starts;

  @BeforeEach
  void start() throws Exception {
    startMaster("right");
    address = master.address();
    server =
        ChunkServer.start(
            new ChunkServerSettings(
                Masters.of(address),
                StoreSettings.of(List.of(scratch.resolve("chunkserver"))),
                InProcessCluster.ANY_PORT,
                "",
                "",
                DataPortSettings.defaults()));
    server.joined().get(20, TimeUnit.SECONDS);
    files =
        ClusterVfs.connect(Masters.of(address), "test", FarAndNear.patient(Duration.ofSeconds(4)));
  }

  @AfterEach
  void stop() throws Exception {
    files.close();
    server.close();
    stopMaster();
  }

  private void startMaster(String cluster) throws IOException {
    MasterSettings settings =
        new MasterSettings(
            scratch.resolve(cluster),
            address,
            new Defaults(2 << 20, 1),
            Duration.ofSeconds(10),
            SessionSettings.of(Duration.ofSeconds(60)),
            Duration.ofSeconds(60),
            RepairSettings.defaults(),
            CompactionSettings.defaults());
    store = RocksStore.open(settings.data());
    master = Master.start(settings, store, Time.system(), new Random(++starts), cluster, e -> {});
  }

  private void stopMaster() throws InterruptedException {
    master.stop();
    store.close();
  }

  private void replaceMaster(String cluster) throws Exception {
    stopMaster();
    startMaster(cluster);
  }

  private GetStatusReply status() throws CairnException {
    try (ClusterClient client = new ClusterClient(Masters.of(address))) {
      return client.status();
    }
  }

  private static void assertOtherCluster(String name, CompletableFuture<?> operation) {
    ExecutionException error =
        assertThrows(ExecutionException.class, () -> operation.get(30, TimeUnit.SECONDS), name);
    CairnException why = assertInstanceOf(CairnException.class, error.getCause(), name);
    assertEquals(ErrorCode.OTHER_CLUSTER, why.code(), name + ": " + why.getMessage());
  }

  private String read(long handle) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocateDirect(100);
    int length = done(files.read(handle, 0, bytes));
    return StandardCharsets.UTF_8.decode(bytes.flip().limit(length)).toString();
  }

  @Test
  void masterOfAnotherCluster_isShownNothing_andShowsNothing_untilTheRightOneIsBack()
      throws Exception {
    Vfs.Created created = done(files.create(CALLER, Vfs.ROOT, NAME, 0644, true, BOTH));
    final long inode = created.attributes().getInode();
    final long handle = created.opened().handle();
    ByteBuffer bytes = ByteBuffer.wrap(CONTENT.getBytes(StandardCharsets.UTF_8));
    done(files.write(handle, 0, bytes, false));
    done(files.fsync(handle));

    replaceMaster("wrong");
    ByteString other = ByteString.copyFromUtf8("g");
    Map.of(
            "lookup", files.lookup(Vfs.ROOT, NAME),
            "getXattr", files.getXattr(Vfs.ROOT, ByteString.copyFromUtf8("user.x")),
            "create", files.create(CALLER, Vfs.ROOT, other, 0644, true, BOTH),
            "unlink", files.unlink(Vfs.ROOT, NAME),
            "open", files.open(inode, BOTH))
        .forEach(OtherClusterTest::assertOtherCluster);
    TestCluster.until(() -> status().getRefusedServersCount() == 1);
    GetStatusReply wrong = status();
    assertEquals(0, wrong.getSessionsCount());
    assertEquals(1, wrong.getInodes());
    assertEquals(0, wrong.getServersCount());
    assertEquals(server.address().port(), wrong.getRefusedServers(0).getDataPort());
    String reason = wrong.getRefusedServers(0).getReason();
    assertTrue(reason.contains("right") && reason.contains("wrong"), reason);
    assertEquals("right", wrong.getRefusedServers(0).getOtherCluster());
    assertTrue(
        ClusterFindings.of(wrong).stream()
            .anyMatch(found -> found.code().equals("servers-of-another-cluster")),
        "it is said what to do");

    replaceMaster("right");
    TestCluster.until(() -> status().getServers(0).getAlive());
    assertEquals(inode, done(files.lookup(Vfs.ROOT, NAME)).getInode());
    assertEquals(CONTENT, read(handle));
    done(files.write(handle, 0, ByteBuffer.wrap(new byte[] {'O'}), false));
    done(files.fsync(handle));
    done(files.flush(handle));
    done(files.release(handle));
    assertEquals("O" + CONTENT.substring(1), read(done(files.open(inode, BOTH)).handle()));
    assertEquals(1, status().getSessionsCount());
  }
}
