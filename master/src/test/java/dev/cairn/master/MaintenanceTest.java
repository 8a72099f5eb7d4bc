package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.MaintainRequest;
import dev.cairn.rpc.proto.ServerAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Chunk servers that are away for a time that was announced. */
final class MaintenanceTest extends RepairCase {

  private static final Duration HALF_AN_HOUR = Duration.ofMinutes(30);

  private void maintain(int server, Duration time) {
    var unused = master.cluster.maintain(request(server, time));
  }

  private static MaintainRequest request(int server, Duration time) {
    return MaintainRequest.newBuilder().setServerId(server).setForMillis(time.toMillis()).build();
  }

  private ChunkServerStatus server(int id) {
    return status().getServersList().stream()
        .filter(one -> one.getServerId() == id)
        .findFirst()
        .orElseThrow();
  }

  private List<Integer> chain() {
    return MasterTest.grant(master, 1).getChainList().stream()
        .map(ServerAddress::getServerId)
        .sorted()
        .toList();
  }

  @Test
  void whileTheServerIsAway_itsChunksAreNotCopied_untilTheMaintenanceEnds() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    maintain(2, HALF_AN_HOUR);
    assertEquals(HALF_AN_HOUR.toMillis(), server(2).getMaintenanceLeftMillis());
    pass(20, 1, 3);
    Eventually.equals(
        1L,
        () -> {
          pass(1, 1, 3);
          assertEquals(List.of(), beat(3, List.of(), List.of()).getCopiesList());
          return status().getChunksAwaitingMaintenance();
        });
    assertFalse(server(2).getAlive());
    assertEquals(1, status().getUnderReplicatedChunks());
    assertEquals(0, status().getMissingChunks());
    maintain(2, Duration.ZERO);
    assertEquals(chunk, ordered(3, 1).get(0).getChunks(0).getChunkId());
    assertEquals(0, server(2).getMaintenanceLeftMillis());
  }

  @Test
  void theMaintenanceEndsByItself() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    maintain(2, Duration.ofSeconds(20));
    pass(15, 1, 3);
    assertEquals(List.of(), beat(3, List.of(), List.of()).getCopiesList());
    assertEquals(chunk, ordered(3, 1).get(0).getChunks(0).getChunkId());
  }

  @Test
  void aMaintenance_outlivesARestartOfTheMaster_andTheServersReturn() throws Exception {
    maintain(2, HALF_AN_HOUR);
    master.close();
    time.pass(Duration.ofMinutes(10));
    master = startMaster();
    assertEquals(Duration.ofMinutes(20).toMillis(), server(2).getMaintenanceLeftMillis());
    assertTrue(server(2).getAwaited());
    assertFalse(server(2).getReported());
    master.join("uuid-2", 7002);
    assertTrue(server(2).getReported());
    assertFalse(server(2).getAwaited());
    assertEquals(Duration.ofMinutes(20).toMillis(), server(2).getMaintenanceLeftMillis());
  }

  @Test
  void newChunks_keepOffTheServer_unlessThereAreTooFewOthers() {
    maintain(2, HALF_AN_HOUR);
    for (int i = 0; i < 20; i++) {
      assertEquals(List.of(1, 3), chain());
    }
    maintain(3, HALF_AN_HOUR);
    for (int i = 0; i < 20; i++) {
      List<Integer> chain = chain();
      assertEquals(2, chain.size());
      assertTrue(chain.contains(1), chain.toString());
    }
  }

  @Test
  void aServerThatSaysThatItStops_getsNoNewChunks_untilItIsBack() throws Exception {
    var unused = master.servers.heartbeat(heartbeat(2).setLeaving(true).build());
    assertTrue(server(2).getStopped());
    for (int i = 0; i < 20; i++) {
      assertEquals(List.of(1, 3), chain());
    }
    master.join("uuid-2", 7002);
    assertFalse(server(2).getStopped());
  }

  @Test
  void aMaintenanceThatIsTooLong_orOfNoServer_isRefused() {
    assertEquals(
        ErrorCode.INVALID,
        RunningMaster.refusal(() -> master.cluster.maintain(request(2, Duration.ofHours(25))))
            .code());
    assertEquals(
        ErrorCode.NO_ENTRY,
        RunningMaster.refusal(() -> master.cluster.maintain(request(9, HALF_AN_HOUR))).code());
  }
}
