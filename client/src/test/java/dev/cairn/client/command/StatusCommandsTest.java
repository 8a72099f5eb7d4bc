package dev.cairn.client.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.cluster.Servers;
import dev.cairn.client.command.CommandFixture.Ran;
import dev.cairn.rpc.Version;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.BadReplicaStatus;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.DrainStatus;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.ScrubReply;
import dev.cairn.rpc.proto.ScrubRequest;
import dev.cairn.rpc.proto.SpaceStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusCommandsTest {

  @TempDir Path scratch;
  private CommandFixture cairn;

  @BeforeEach
  void makeFixture() {
    cairn = new CommandFixture(scratch);
  }

  private static final long GIB = 1L << 30;

  private static SpaceStatus space(long total, long held, long free) {
    return SpaceStatus.newBuilder()
        .setTotalBytes(total)
        .setHeldBytes(held)
        .setFreeBytes(free)
        .build();
  }

  private static ChunkServerStatus.Builder server(int id) {
    return ChunkServerStatus.newBuilder()
        .setServerId(id)
        .setHost("10.0.0." + id)
        .setDataPort(9401)
        .setAlive(true)
        .setReported(true)
        .setVersion(Version.number())
        .setChunks(12)
        .setSpace(space(GIB, GIB / 8, GIB / 2))
        .addDisks(DiskStatus.newBuilder().setPath("/d").setTotalBytes(GIB).setFreeBytes(GIB / 2));
  }

  private static GetStatusReply.Builder healthy() {
    return GetStatusReply.newBuilder()
        .setClusterId("c0ffee")
        .setVersion(Version.number())
        .setDefaultReplicas(2)
        .setDefaultChunkSize(64 << 20)
        .setSpace(space(2 * GIB, GIB / 4, GIB))
        .addServers(server(1))
        .addServers(server(2));
  }

  /** Runs {@code status}; it says nothing of errors and ends with that code. */
  private Ran status(int exit, GetStatusReply.Builder status, String... options) {
    cairn.status = status.build();
    String[] line = new String[options.length + 1];
    line[0] = "status";
    System.arraycopy(options, 0, line, 1, options.length);
    Ran ran = cairn.run(line);
    assertEquals("", ran.err());
    assertEquals(exit, ran.exit(), ran.out());
    return ran;
  }

  private static String lastLine(Ran ran) {
    return ran.lines().get(ran.lines().size() - 1);
  }

  /** The lines of findings. */
  private List<String> findings(int exit, GetStatusReply.Builder status) {
    List<String> lines = status(exit, status).lines();
    int heading = 0;
    while (heading < lines.size() && !lines.get(heading).startsWith("findings: ")) {
      heading++;
    }
    List<String> findings =
        lines.subList(Math.min(lines.size() - 1, heading + 1), lines.size() - 1);
    return findings.stream().map(String::strip).toList();
  }

  /** The only finding of that state begins and goes on like this. */
  private void finds(int exit, String begin, String contains, GetStatusReply.Builder status) {
    List<String> findings = findings(exit, status);
    assertEquals(1, findings.size(), findings.toString());
    assertTrue(findings.get(0).startsWith(begin), findings.get(0));
    assertTrue(findings.get(0).contains(contains), findings.get(0));
  }

  @Test
  void status_ofAHealthyCluster_hasTheLinesScriptsLookFor() {
    Ran ran = status(0, healthy());
    assertTrue(ran.lines().contains("master master.example:9400"), ran.out());
    assertTrue(ran.lines().contains("under-replicated chunks: 0"), ran.out());
    assertTrue(ran.out().contains(", version " + Version.number() + ", up"), ran.out());
    assertEquals("healthy", lastLine(ran));
    assertEquals(List.of(), findings(0, healthy()));
  }

  @Test
  void status_withSuspectReplicas_namesThem_andIsHealthy() {
    Ran ran =
        status(
            0,
            healthy()
                .addSuspectReplicas(
                    BadReplicaStatus.newBuilder()
                        .setChunkId(77)
                        .setServerId(2)
                        .setHost("10.0.0.2")
                        .setDataPort(9401)
                        .setReason("block 3 does not match its checksum")));
    assertTrue(ran.out().contains("chunk 77 on chunk server 2 (10.0.0.2:9401)"), ran.out());
    assertTrue(
        ran.out().contains("notice  suspect-replicas: 1 replica is said to be bad by a client"),
        ran.out());
    assertEquals("healthy", lastLine(ran));
  }

  @Test
  void status_ofADegradedCluster_saysWhatToDo_andExitsWith1() {
    Ran ran =
        status(
            1,
            healthy()
                .setServers(1, server(2).setAlive(false).setSilentMillis(90_000))
                .setUnderReplicatedChunks(3)
                .addBadReplicas(
                    BadReplicaStatus.newBuilder()
                        .setChunkId(77)
                        .setServerId(2)
                        .setHost("10.0.0.2")
                        .setDataPort(9401)
                        .setReason("block 3 does not match its checksum")));
    assertTrue(ran.lines().contains("under-replicated chunks: 3"), ran.out());
    assertTrue(ran.out().contains("chunk 77 on chunk server 2 (10.0.0.2:9401)"), ran.out());
    assertTrue(ran.out().contains("dead, silent for 1 min 30 s"), ran.out());
    assertTrue(
        ran.out()
            .contains(
                "fewer-servers-than-replicas: new files want 2 replicas, and 1 chunk server is"
                    + " alive: start more"),
        ran.out());
    assertTrue(ran.out().contains("server-dead: chunk server 2 at 10.0.0.2:9401 is dead"));
    assertTrue(ran.out().contains("bad-replicas: 1 replica is bad"), ran.out());
    assertEquals(
        "not healthy: degraded (under-replicated, bad-replicas, fewer-servers-than-replicas,"
            + " server-dead)",
        lastLine(ran));
  }

  @Test
  void status_ofUnreadableChunks_exitsWith3_andNamesThemOnce() {
    finds(3, "unavailable  chunks-lost: 6 chunks are lost", "cairn fsck", missing(6, 6));
    List<String> both = findings(3, missing(1, 3));
    assertEquals(2, both.size());
    assertTrue(both.get(0).startsWith("unavailable  chunks-lost: 1 chunk is lost"), both.get(0));
    assertTrue(
        both.get(1)
            .startsWith(
                "degraded  under-replicated: 2 chunks that can be read have too few replicas"),
        both.get(1));
    assertEquals("not healthy: data unavailable (chunks-lost)", lastLine(status(3, missing(6, 6))));
  }

  private static GetStatusReply.Builder missing(long missing, long underReplicated) {
    return healthy().setMissingChunks(missing).setUnderReplicatedChunks(underReplicated);
  }

  @Test
  void status_whileReplicasMayComeBack_saysOfWhom() {
    GetStatusReply.Builder dead = missing(6, 6).addServers(server(3).setAlive(false));
    assertTrue(
        findings(3, dead).get(0).contains("chunks-unreachable: 6 chunks have no replica on a"));
    assertTrue(
        findings(3, missing(6, 6).setUnreportedServers(1))
            .get(0)
            .contains("chunks-unreported: 6 chunks have no known replica yet"));
  }

  @Test
  void status_findsServersThatAreNotThere() {
    ChunkServerStatus.Builder away = server(3).setAlive(false).setSilentMillis(12_000);
    finds(1, "degraded  server-dead: chunk server 3", "12.0 s", with(away));
    finds(1, "degraded  server-missing: chunk server 3", "start it", with(away.setAwaited(true)));
    finds(1, "degraded  server-reporting: chunk server 3", "", with(server(3).setReported(false)));
    finds(1, "degraded  server-stopping: chunk server 3", "", with(server(3).setStopped(true)));
    finds(
        1,
        "degraded  server-dead: chunk server 3",
        "was stopped 12.0 s ago",
        with(away.setAwaited(false).setStopped(true)));
    finds(3, "unavailable  no-servers", "start one", healthy().clearServers());
    finds(
        1,
        "degraded  disk-failed: /bad of chunk server 3",
        "read-only",
        with(server(3).addDisks(DiskStatus.newBuilder().setPath("/bad").setFailure("read-only"))));
  }

  private static GetStatusReply.Builder with(ChunkServerStatus.Builder server) {
    return healthy().addServers(server);
  }

  @Test
  void status_ofServersThatAreMeantToBeAway_isHealthyWithNotices() {
    ChunkServerStatus.Builder maintained = server(3).setMaintenanceLeftMillis(90_000);
    finds(0, "notice  server-in-maintenance: chunk server 3", "1 min 30 s", with(maintained));
    finds(
        0,
        "notice  server-in-maintenance: chunk server 3",
        "is away and in maintenance",
        with(maintained.setAlive(false)));
    finds(0, "notice  server-draining", "", with(server(3).setDraining(true)));
    finds(
        0,
        "notice  server-drained",
        "cairn forget 3",
        with(server(3).setDraining(true).setDrain(DrainStatus.newBuilder().setDone(true))));
    assertEquals("healthy", lastLine(status(0, with(maintained))));
    List<String> waiting =
        findings(1, with(maintained).setUnderReplicatedChunks(5).setChunksAwaitingMaintenance(5));
    assertTrue(waiting.get(0).startsWith("degraded  replicas-in-maintenance: 5 chunks"));
    assertEquals(2, waiting.size(), waiting.toString());
  }

  @Test
  void status_findsWhatIsFull_byClusterServerAndDisk() {
    finds(
        1,
        "degraded  cluster-nearly-full: the cluster is 85% full",
        "15.0 GiB of 100.0 GiB",
        healthy().setSpace(space(100 * GIB, GIB, 15 * GIB)));
    finds(
        1,
        "degraded  cluster-full: the cluster is 95% full",
        "",
        healthy().setSpace(space(100 * GIB, GIB, 5 * GIB)));
    assertEquals(List.of(), findings(0, healthy().setSpace(space(100 * GIB, GIB, 16 * GIB))));
    finds(
        1,
        "degraded  server-nearly-full: chunk server 3",
        "add disks",
        with(server(3).setSpace(space(100 * GIB, GIB, 10 * GIB))));
    DiskStatus full =
        DiskStatus.newBuilder().setPath("/f").setTotalBytes(GIB).setFreeBytes(GIB / 100).build();
    finds(
        1, "degraded  disk-full: /f of chunk server 3", "99% full", with(server(3).addDisks(full)));
  }

  @Test
  void status_findsThatReplicasHaveNoRoomOnDifferentServers() {
    SpaceStatus full = space(GIB, GIB, 0);
    GetStatusReply.Builder one = healthy().setServers(1, server(2).setSpace(full));
    assertTrue(
        findings(1, one).get(0).startsWith("degraded  no-room-for-replicas"),
        findings(1, one).toString());
    GetStatusReply.Builder none = one.setServers(0, server(1).setSpace(full));
    assertTrue(findings(1, none).get(0).startsWith("degraded  no-room: no chunk server has room"));
  }

  @Test
  void status_findsMixedVersions_ofTheClusterAndOfThisCommand() {
    finds(
        1,
        "degraded  mixed-versions",
        "0.0.1 (chunk server 3)",
        with(server(3).setVersion("0.0.1")));
    GetStatusReply.Builder old =
        healthy()
            .setVersion("0.0.1")
            .setServers(0, server(1).setVersion("0.0.1"))
            .setServers(1, server(2).setVersion("0.0.1"));
    finds(0, "notice  command-version", "the master of 0.0.1", old);
  }

  @Test
  void status_showsWhatCairnUses_apartFromWhatOthersUse() {
    Ran empty = status(0, healthy().setSpace(space(10 * GIB, 0, 8 * GIB)));
    assertTrue(
        empty
            .lines()
            .contains("space: 0 B used by Cairn, 2.0 GiB by others, 8.0 GiB of 10.0 GiB free"),
        empty.out());
  }

  @Test
  void status_stillNamesBadReplicas_thatWereReplaced() {
    Ran ran =
        status(
            0,
            healthy()
                .setReplicasPutAside(31)
                .addLatestPutAside(
                    BadReplicaStatus.newBuilder()
                        .setChunkId(77)
                        .setServerId(2)
                        .setHost("10.0.0.2")
                        .setDataPort(9401)
                        .setReason("block 3 does not match its checksum")));
    List<String> lines = ran.lines();
    int count = lines.indexOf("bad replicas put aside since the master started: 31");
    assertTrue(count > 0, lines.toString());
    assertTrue(lines.get(count + 1).startsWith("  chunk 77 on chunk server 2 (10.0.0.2:9401)"));
    assertEquals("healthy", lastLine(ran));
  }

  @Test
  void status_json_hasEverything_andTheSameExitCode() {
    String json = status(3, missing(1, 1), "--json").out();
    assertTrue(json.contains("\"missing_chunks\": 1"), json);
    assertTrue(json.contains("\"healthy\": false"), json);
    assertTrue(json.contains("\"health\": \"unavailable\""), json);
    assertTrue(json.contains("\"code\": \"chunks-lost\""), json);
    assertTrue(json.contains("\"severity\": \"unavailable\""), json);
    assertTrue(json.contains("\"address\": \"10.0.0.2:9401\""), json);
  }

  @Test
  void status_quiet_saysNothing_andHasTheExitCode() {
    assertEquals("", status(0, healthy(), "--quiet").out());
    assertEquals("", status(3, missing(1, 1), "--quiet").out());
    cairn.status = null;
    Ran ran = cairn.run("status", "--quiet");
    assertEquals("", ran.out() + ran.err());
    assertEquals(3, ran.exit());
  }

  @Test
  void status_ofAMasterThatIsAway_exitsWith3_inOneLine() {
    Ran ran = cairn.run("status");
    assertEquals(3, ran.exit());
    assertEquals(
        "cairn status: the master at master.example:9400 cannot be reached: check the address, and"
            + " that the master runs; its log says why it ended\n",
        ran.err());
    Ran json = cairn.run("status", "--json");
    assertEquals(3, json.exit());
    assertTrue(json.out().contains("\"code\": \"master-unreachable\""), json.out());
  }

  @Test
  void status_ofADirectoryWithoutACluster_saysSo() {
    Ran ran = cairn.run("status", "--dir", scratch.resolve("none").toString());
    assertEquals(1, ran.exit());
    assertTrue(ran.err().startsWith("cairn status: there is no cluster in "), ran.err());
  }

  @Test
  void status_ofALocalClusterThatIsDown_saysHowToStartIt() throws IOException {
    Path local = Files.createDirectory(scratch.resolve("local"));
    Files.writeString(local.resolve("cluster.conf"), "master-port = 1\nmount = none\n");
    Ran ran = cairn.run("status", "--dir", local.toString());
    assertEquals(3, ran.exit());
    assertEquals(
        "cairn status: the cluster in " + local + " does not run: 'cairn up' starts it\n",
        ran.err());
  }

  @Test
  void servers_areATable_withFailedDisks() {
    cairn.status =
        healthy()
            .addServers(
                server(3).addDisks(DiskStatus.newBuilder().setPath("/bad").setFailure("read-only")))
            .build();
    List<String> lines = cairn.run("servers").well().lines();
    assertEquals(4, lines.size());
    assertTrue(lines.get(3).endsWith("1 well, failed: /bad: read-only"), lines.get(3));
    assertTrue(cairn.run("servers", "--json").well().out().startsWith("["));
  }

  private static ChunkServerStatus.Builder draining(int id, DrainStatus.Builder drain) {
    return server(id).setDraining(true).setDrain(drain);
  }

  @Test
  void servers_thatAreDrained_showHowFarTheyAre_andWhyTheyWait() {
    DrainStatus.Builder half =
        DrainStatus.newBuilder().setChunksLeft(12).setBytesLeft(3 << 20).setMillisLeft(61_000);
    cairn.status =
        healthy()
            .setServers(0, draining(1, half))
            .setServers(1, draining(2, half.clone().setWaits("add disks")))
            .addServers(draining(3, DrainStatus.newBuilder().setDone(true)).setAlive(false))
            .build();
    List<String> lines = cairn.run("servers").well().lines();
    assertTrue(lines.get(1).contains("alive, draining"), lines.get(1));
    assertTrue(lines.get(3).contains("dead, drained"), lines.get(3));
    assertEquals(
        List.of(
            "chunk server 1 at 10.0.0.1:9401: 12 chunks left, 3.0 MiB, about 1 min 1 s",
            "chunk server 2 at 10.0.0.2:9401: 12 chunks left, 3.0 MiB, about 1 min 1 s; waits: add"
                + " disks"),
        lines.subList(4, 6));
    String status = cairn.run("status").well().out();
    assertTrue(status.contains("alive, draining: 12 chunks left"), status);
    assertTrue(status.endsWith("healthy\n"), status);
    String json = cairn.run("servers", "--json").well().out();
    assertTrue(json.contains("\"drain_chunks_left\": 12"), json);
    assertTrue(json.contains("\"drained\": true"), json);
  }

  @Test
  void status_showsWhatTheQuarantineHolds() {
    DiskStatus disk =
        DiskStatus.newBuilder().setQuarantinedChunks(3).setQuarantinedBytes(5 << 20).build();
    cairn.status = healthy().setServers(1, server(2).addDisks(disk)).build();
    String status = cairn.run("status").well().out();
    assertTrue(status.contains("free, quarantine 3 chunks, 5.0 MiB\n"), status);
  }

  /** Writes down what it is asked, and answers the next state each time. */
  private static final class FakeServers implements Servers {

    @Override
    public ScrubReply scrub(ScrubRequest request) {
      throw new UnsupportedOperationException("scrubbing");
    }

    private final List<String> asked = new ArrayList<>();
    private final Deque<GetStatusReply> states = new ArrayDeque<>();

    @Override
    public GetStatusReply status() {
      return states.size() > 1 ? states.poll() : states.element();
    }

    @Override
    public void drain(int server, boolean draining) {
      asked.add((draining ? "drain " : "undrain ") + server);
    }

    @Override
    public void forget(int server) throws CairnException {
      asked.add("forget " + server);
      if (server == 1) {
        throw ErrorCode.BUSY.because("chunk server 1 cannot be forgotten: it is alive");
      }
    }

    @Override
    public void maintain(int server, Duration time) {
      asked.add("maintain " + server + " " + time);
    }

    @Override
    public void close() {
      asked.add("close");
    }
  }

  @Test
  void drain_waitsUntilTheServerIsDrained_andSaysEachStateOnce() {
    FakeServers servers = new FakeServers();
    cairn.servers = servers;
    DrainStatus.Builder left = DrainStatus.newBuilder().setChunksLeft(2).setBytesLeft(2048);
    servers.states.add(healthy().build());
    DrainStatus.Builder uncounted =
        DrainStatus.newBuilder().setUncounted(true).setWaits("what it holds is being looked at");
    servers.states.add(healthy().setServers(1, draining(2, uncounted)).build());
    servers.states.add(healthy().setServers(1, draining(2, left)).build());
    servers.states.add(healthy().setServers(1, draining(2, left)).build());
    servers.states.add(
        healthy().setServers(1, draining(2, DrainStatus.newBuilder().setDone(true))).build());
    assertEquals(
        List.of(
            "chunk server 2 at 10.0.0.2:9401: what it holds is being looked at",
            "chunk server 2 at 10.0.0.2:9401: 2 chunks left, 2.0 KiB",
            "chunk server 2 at 10.0.0.2:9401 is drained: it may be stopped, and then forgotten"),
        cairn.run("drain", "--wait", "10.0.0.2:9401").well().lines());
    assertEquals(List.of("drain 2", "close"), servers.asked);
  }

  @Test
  void maintenance_isAnnouncedForATime_andEnded() {
    FakeServers servers = new FakeServers();
    cairn.servers = servers;
    servers.states.add(healthy().setServers(1, server(2).setMaintenanceLeftMillis(5000)).build());
    assertEquals(
        List.of("chunk server 1 at 10.0.0.1:9401 is in maintenance for 30m"),
        cairn.run("maintenance", "1", "--for", "30m").well().lines());
    assertEquals(
        List.of("chunk server 2 at 10.0.0.2:9401 is no longer in maintenance"),
        cairn.run("maintenance", "--end", "2").well().lines());
    assertEquals(List.of("maintain 1 PT30M", "close", "maintain 2 PT0S", "close"), servers.asked);
    assertEquals(
        "cairn maintenance: chunk server 1 at 10.0.0.1:9401 is not in maintenance\n",
        cairn.run("maintenance", "--end", "1").err());
    for (String[] wrong :
        new String[][] {
          {"maintenance", "1"},
          {"maintenance", "1", "--for", "30m", "--end"},
          {"maintenance", "1", "--for", "25h"},
          {"maintenance", "1", "--for", "0"},
          {"maintenance", "1", "--for", "soon"}
        }) {
      assertEquals(2, cairn.run(wrong).exit());
    }
  }

  @Test
  void undrainAndForget_nameTheServer_andARefusalIsOneLine() {
    FakeServers servers = new FakeServers();
    cairn.servers = servers;
    servers.states.add(healthy().setServers(1, server(2).setDraining(true)).build());
    assertTrue(cairn.run("undrain", "2").well().out().contains("10.0.0.2:9401 is used again"));
    assertTrue(cairn.run("forget", "2").well().out().contains("is forgotten"));
    Ran refused = cairn.run("forget", "10.0.0.1:9401");
    assertEquals(1, refused.exit());
    assertEquals("cairn forget: chunk server 1 cannot be forgotten: it is alive\n", refused.err());
    Ran notDrained = cairn.run("undrain", "1");
    assertEquals(1, notDrained.exit());
    assertEquals(
        "cairn undrain: chunk server 1 at 10.0.0.1:9401 is not being drained\n", notDrained.err());
    Ran unknown = cairn.run("drain", "9");
    assertEquals("cairn drain: there is no chunk server 9: see 'cairn servers'\n", unknown.err());
    assertEquals(
        List.of("undrain 2", "close", "forget 2", "close", "forget 1", "close", "close", "close"),
        servers.asked);
  }
}
