package dev.cairn.client.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChunkServerStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cluster's directory remembers, and whom its pid files may mean. */
class LocalClusterTest {

  private static final ClusterPlan NOTHING_SAID =
      new ClusterPlan(null, null, null, false, null, null, null);

  @TempDir Path scratch;
  private ClusterDirectory directory;

  @BeforeEach
  void makeDirectory() {
    directory = new ClusterDirectory(scratch.resolve("cluster"));
  }

  @Test
  void firstPlan_hasThreeChunkServers_andAMountPoint() throws IOException {
    ClusterSettings settings = NOTHING_SAID.settle(directory);
    assertEquals(3, settings.chunkServerPorts().size());
    assertEquals(directory.usualMountPoint(), settings.mountPoint());
    assertEquals(2, settings.replicas());
  }

  @Test
  void nextPlan_keepsPortsAndSettings() throws IOException {
    ClusterPlan first = new ClusterPlan(null, 2, scratch.resolve("m"), false, null, 3, 2048);
    ClusterSettings settings = first.settle(directory);
    assertEquals(settings, NOTHING_SAID.settle(directory));
    assertEquals(settings, ClusterSettings.read(directory.root()));
  }

  @Test
  void moreChunkServers_areAdded_fewerRefused() throws IOException {
    ClusterSettings before = NOTHING_SAID.settle(directory);
    ClusterSettings after =
        new ClusterPlan(null, 5, null, false, null, null, null).settle(directory);
    assertEquals(before.chunkServerPorts(), after.chunkServerPorts().subList(0, 3));
    assertThrows(
        CairnException.class,
        () -> new ClusterPlan(null, 2, null, false, null, null, null).settle(directory));
  }

  @Test
  void ports_areAllDifferent() throws IOException {
    ClusterSettings settings =
        new ClusterPlan(null, 20, null, false, null, null, null).settle(directory);
    List<Integer> ports = new ArrayList<>(settings.chunkServerPorts());
    ports.add(settings.masters().get(0).control());
    assertEquals(21, ports.stream().distinct().count());
  }

  @Test
  void threeMasters_haveSixPorts_whichStay() throws IOException {
    ClusterPlan three = new ClusterPlan(3, 2, null, true, null, null, null);
    ClusterSettings settings = three.settle(directory);
    assertEquals(List.of("master-1", "master-2", "master-3"), settings.masterNames());
    assertEquals(8, settings.ports().size());
    assertEquals(settings, ClusterSettings.read(directory.root()));
    assertEquals(settings.masters(), NOTHING_SAID.settle(directory).masters());
    assertEquals(settings.masters(), three.settle(directory).masters());
  }

  @Test
  void oneMaster_becomesTheFirstOfThree_andNotTheOtherWayRound() throws IOException {
    ClusterSettings one = NOTHING_SAID.settle(directory);
    assertEquals(List.of("master"), one.masterNames());
    ClusterSettings three =
        new ClusterPlan(3, null, null, false, null, null, null).settle(directory);
    assertEquals(one.masters().get(0).control(), three.masters().get(0).control());
    assertEquals(List.of("master-1", "master-2", "master-3"), three.masterNames());
    for (int other : List.of(1, 5)) {
      assertThrows(
          CairnException.class,
          () -> new ClusterPlan(other, null, null, false, null, null, null).settle(directory));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new ClusterPlan(2, null, null, true, null, null, null));
  }

  @Test
  void unknownSetting_isRefused() throws IOException {
    NOTHING_SAID.settle(directory);
    Files.writeString(directory.settings(), "colour = red\n");
    IOException e = assertThrows(IOException.class, () -> ClusterSettings.read(directory.root()));
    assertTrue(e.getMessage().endsWith("'colour' is no setting"), e.getMessage());
  }

  private static StartPolicy policy(Duration within) {
    return new StartPolicy(false, within, sentence -> {});
  }

  private String notReady(LocalCluster cluster, LocalCluster.Probe probe) {
    return assertThrows(
            CairnException.class, () -> cluster.awaitChunkServers(probe, policy(Duration.ZERO)))
        .getMessage();
  }

  private static ChunkServerStatus server(ClusterSettings settings, int number, boolean reported) {
    return ChunkServerStatus.newBuilder()
        .setHost("127.0.0.1")
        .setDataPort(settings.chunkServerPorts().get(number - 1))
        .setAlive(true)
        .setReported(reported)
        .build();
  }

  @Test
  void aMasterThatDoesNotAnswer_isNamedWithTheReason() throws IOException {
    ClusterSettings settings = NOTHING_SAID.settle(directory);
    LocalCluster cluster = new LocalCluster(directory, settings, null);
    assertEquals(
        "the master at "
            + settings.masterAddresses()
            + " does not answer: it speaks another language",
        notReady(
            cluster,
            master -> {
              throw ErrorCode.PROTOCOL.because("it speaks another language");
            }));
  }

  @Test
  void aClusterIsReady_onlyWhenEveryServerHasReportedItsChunks() throws IOException {
    ClusterSettings settings = NOTHING_SAID.settle(directory);
    LocalCluster cluster = new LocalCluster(directory, settings, null);
    ChunkServerStatus one = server(settings, 1, true);
    ChunkServerStatus two = server(settings, 2, true);
    ChunkServerStatus three = server(settings, 3, true);
    assertEquals(
        "chunkserver-2, chunkserver-3 not registered at the master yet",
        notReady(cluster, master -> List.of(one, three.toBuilder().setAlive(false).build())));
    assertEquals(
        "chunkserver-3 not done reporting chunks to the master yet",
        notReady(cluster, master -> List.of(one, two, server(settings, 3, false))));
    cluster.awaitChunkServers(master -> List.of(one, two, three), policy(Duration.ZERO));
  }

  @Test
  void aMasterWhoseDataIsGone_isNotStartedBesideChunkServersWithData() throws IOException {
    LocalCluster cluster = new LocalCluster(directory, NOTHING_SAID.settle(directory), null);
    cluster.checkMasterData();
    Path master = Files.createDirectories(directory.data("master"));
    Path server = Files.createDirectories(directory.data("chunkserver-2"));
    cluster.checkMasterData();
    Files.writeString(server.resolve("identity"), "x");
    CairnException e;
    try (ClusterDirectory.Lock lock = directory.lock(sentence -> {})) {
      e =
          assertThrows(
              CairnException.class,
              () -> cluster.start(lock, at -> List.of(), policy(Duration.ZERO)));
    }
    assertTrue(e.getMessage().startsWith("the master's data is missing: " + master), e.toString());
    assertTrue(e.getMessage().endsWith("another --dir"), e.getMessage());
    Files.writeString(master.resolve("FORMAT"), "x");
    cluster.checkMasterData();
  }

  @Test
  void aPortThatIsTakenAtTheStart_isReplaced() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<Integer> tried = new ArrayList<>();
      int[] port = {taken.getLocalPort()};
      PendingStarts starts = new PendingStarts(policy(Duration.ZERO));
      IOException e =
          assertThrows(
              IOException.class,
              () ->
                  starts.add(
                      () -> {
                        tried.add(port[0]);
                        throw new IOException("started");
                      },
                      () -> port[0],
                      () -> port[0] = new Ports(directory, new HashSet<>()).free()));
      assertEquals("started", e.getMessage());
      assertEquals(1, tried.size());
      assertFalse(tried.contains(taken.getLocalPort()));
    }
  }

  @Test
  void aPlaceThatCannotBeACluster_isRefusedInASentence() throws IOException {
    Path file = Files.writeString(scratch.resolve("file"), "x");
    for (Path wrong :
        List.of(
            Path.of("/proc/x"),
            file,
            file.resolve("below"),
            scratch.resolve("a,b"),
            scratch.resolve("line\nbreak"),
            scratch.resolve("x".repeat(300)))) {
      CairnException e =
          assertThrows(
              CairnException.class, () -> new ClusterDirectory(wrong).make(), wrong.toString());
      assertTrue(e.getMessage().contains("choose another with --dir"), e.getMessage());
      assertFalse(e.getMessage().contains("Exception") || e.getMessage().contains("\n"));
    }
    ClusterDirectory strange = new ClusterDirectory(scratch.resolve("with space and ümläut"));
    assertEquals(NOTHING_SAID.settle(strange), ClusterSettings.read(strange.root()));
  }

  @Test
  void pidFile_thatNamesSomebodyElse_isNotBelieved() throws IOException {
    NOTHING_SAID.settle(directory);
    Files.writeString(directory.pidFile("master"), Long.toString(ProcessHandle.current().pid()));
    Daemon master = new Daemon(directory, "master");
    assertTrue(master.running().isEmpty());
    assertTrue(master.terminate().isEmpty());
    Files.writeString(directory.pidFile("master"), "rubbish");
    assertTrue(master.running().isEmpty());
  }

  @Test
  void lock_isHeldByOne() throws IOException {
    directory.make();
    try (ClusterDirectory.Lock lock = directory.lock(sentence -> {})) {
      lock.checkHeld();
      assertThrows(IOException.class, () -> directory.lock(sentence -> {}));
    }
    directory.lock(sentence -> {}).close();
  }

  @Test
  void lastCluster_isForgottenWithItsDirectory() throws IOException {
    LastCluster last = new LastCluster(scratch.resolve("state"));
    assertNull(last.read());
    NOTHING_SAID.settle(directory);
    last.write(directory.root());
    assertEquals(directory.root(), last.read());
    Files.delete(directory.settings());
    assertNull(last.read());
    assertFalse(last.orUsual().equals(directory.root()));
  }
}
