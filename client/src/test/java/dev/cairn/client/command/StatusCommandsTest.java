package dev.cairn.client.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.cluster.Servers;
import dev.cairn.client.command.CommandFixture.Ran;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.BadReplicaStatus;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.DrainStatus;
import dev.cairn.rpc.proto.GetStatusReply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private static ChunkServerStatus.Builder server(int id) {
    return ChunkServerStatus.newBuilder()
        .setServerId(id)
        .setHost("10.0.0." + id)
        .setDataPort(9401)
        .setAlive(true)
        .setChunks(12)
        .addDisks(
            DiskStatus.newBuilder().setPath("/d").setTotalBytes(1 << 30).setFreeBytes(1 << 29));
  }

  private static GetStatusReply.Builder healthy() {
    return GetStatusReply.newBuilder()
        .setClusterId("c0ffee")
        .setVersion("1")
        .setDefaultReplicas(2)
        .setDefaultChunkSize(64 << 20)
        .addServers(server(1))
        .addServers(server(2));
  }

  @Test
  void status_ofAHealthyCluster_hasTheLinesScriptsLookFor() {
    cairn.status = healthy().build();
    List<String> lines = cairn.run("status").well().lines();
    assertTrue(lines.contains("master master.example:9400"), lines.toString());
    assertTrue(lines.contains("under-replicated chunks: 0"), lines.toString());
    assertEquals("healthy", lines.get(lines.size() - 1));
  }

  @Test
  void status_ofADegradedCluster_saysWhatToDo_andSucceeds() {
    cairn.status =
        healthy()
            .setServers(1, server(2).setAlive(false).setSilentMillis(90_000))
            .setUnderReplicatedChunks(3)
            .addBadReplicas(
                BadReplicaStatus.newBuilder()
                    .setChunkId(77)
                    .setServerId(2)
                    .setHost("10.0.0.2")
                    .setDataPort(9401)
                    .setReason("block 3 does not match its checksum"))
            .build();
    Ran ran = cairn.run("status").well();
    List<String> lines = ran.lines();
    assertTrue(lines.contains("under-replicated chunks: 3"), ran.out());
    assertTrue(ran.out().contains("chunk 77 on chunk server 2 (10.0.0.2:9401)"), ran.out());
    assertTrue(ran.out().contains("dead, silent for 1 min 30 s"), ran.out());
    String last = lines.get(lines.size() - 1);
    assertTrue(last.startsWith("not healthy: 2 replicas are wanted and 1 chunk server"), last);
    assertTrue(last.contains("chunk server 2 at 10.0.0.2:9401 is dead"), last);
  }

  private String lastLine(GetStatusReply.Builder status) {
    cairn.status = status.build();
    List<String> lines = cairn.run("status").well().lines();
    return lines.get(lines.size() - 1);
  }

  @Test
  void status_whileAllServersLive_callsMissingChunksLost_andNotBeingCopied() {
    assertEquals(
        "not healthy: 6 chunks are lost, no chunk server has a good replica: 'cairn fsck' names"
            + " the files",
        lastLine(healthy().setMissingChunks(6).setUnderReplicatedChunks(6)));
    assertEquals(
        "not healthy: 1 chunk is lost, no chunk server has a good replica: 'cairn fsck' names the"
            + " files; 2 chunks have fewer replicas than they should: they are copied now",
        lastLine(healthy().setMissingChunks(1).setUnderReplicatedChunks(3)));
  }

  @Test
  void status_whileReplicasMayComeBack_saysOfWhom() {
    assertTrue(
        lastLine(healthy().addServers(server(3).setAlive(false)).setMissingChunks(6))
            .contains("no replica that can be reached: bring the dead chunk servers back"));
    assertTrue(
        lastLine(healthy().setMissingChunks(6).setUnreportedServers(1))
            .contains("no replica yet: chunk servers have yet to say"));
  }

  @Test
  void status_stillNamesBadReplicas_thatWereReplaced() {
    cairn.status =
        healthy()
            .setReplicasPutAside(31)
            .addLatestPutAside(
                BadReplicaStatus.newBuilder()
                    .setChunkId(77)
                    .setServerId(2)
                    .setHost("10.0.0.2")
                    .setDataPort(9401)
                    .setReason("block 3 does not match its checksum"))
            .build();
    List<String> lines = cairn.run("status").well().lines();
    int count = lines.indexOf("bad replicas put aside since the master started: 31");
    assertTrue(count > 0, lines.toString());
    assertTrue(lines.get(count + 1).startsWith("  chunk 77 on chunk server 2 (10.0.0.2:9401)"));
    assertEquals("healthy", lines.get(lines.size() - 1));
  }

  @Test
  void status_json_hasEverything() {
    cairn.status = healthy().setMissingChunks(1).build();
    String json = cairn.run("status", "--json").well().out();
    assertTrue(json.contains("\"missing_chunks\": 1"), json);
    assertTrue(json.contains("\"healthy\": false"), json);
    assertTrue(json.contains("\"address\": \"10.0.0.2:9401\""), json);
  }

  @Test
  void status_ofAMasterThatIsAway_failsInOneLine() {
    Ran ran = cairn.run("status");
    assertEquals(1, ran.exit());
    assertEquals("cairn status: the master at master.example:9400 cannot be reached\n", ran.err());
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
    assertEquals(1, ran.exit());
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
    assertTrue(status.contains("used, quarantine 3 chunks, 5.0 MiB\n"), status);
  }

  /** Writes down what it is asked, and answers the next state each time. */
  private static final class FakeServers implements Servers {

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
