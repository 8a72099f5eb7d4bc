package dev.cairn.client.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.command.CommandFixture.Ran;
import dev.cairn.rpc.proto.BadReplicaStatus;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.GetStatusReply;
import java.nio.file.Path;
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
}
