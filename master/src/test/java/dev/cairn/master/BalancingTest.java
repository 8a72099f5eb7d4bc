package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.rpc.proto.CopyOrder;
import dev.cairn.rpc.proto.CopyResult;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.HeartbeatReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How replicas move between servers that are filled unevenly. */
final class BalancingTest extends RepairCase {

  private static final long DISK = 1L << 40;

  private final int[] percentFree = {30, 20, 98};

  /** A heartbeat of a server that is as full as the test says. */
  private HeartbeatReply beat(int server, CopyResult... copied) {
    return master.servers.heartbeat(
        heartbeat(server)
            .clearDisks()
            .addDisks(
                DiskStatus.newBuilder()
                    .setPath("/d")
                    .setTotalBytes(DISK)
                    .setFreeBytes(DISK / 100 * percentFree[server - 1]))
            .addAllCopied(List.of(copied))
            .build());
  }

  /** A second passes, and all beat; answers what each is told. */
  private List<HeartbeatReply> round() {
    pass(1);
    List<HeartbeatReply> told = new ArrayList<>();
    for (int server = 1; server <= 3; server++) {
      told.add(beat(server));
    }
    return told;
  }

  @Test
  void aReplicaOfTheFullestServer_isCopiedToTheEmptiest_andOnlyThenDeleted() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    List<CopyOrder> orders = new ArrayList<>();
    Eventually.equals(
        true,
        () -> {
          for (HeartbeatReply told : round()) {
            assertEquals(List.of(), told.getSurplusChunksList());
            orders.addAll(told.getCopiesList());
          }
          return !orders.isEmpty();
        });
    assertEquals(chunk, orders.get(0).getChunks(0).getChunkId());
    HeartbeatReply unused = beat(3, copied(chunk, 10));
    assertEquals(List.of(1, 2, 3), locations());
    Eventually.equals(
        List.of(chunk),
        () -> {
          List<HeartbeatReply> told = round();
          assertEquals(List.of(), told.get(0).getSurplusChunksList());
          assertEquals(List.of(), told.get(2).getSurplusChunksList());
          return told.get(1).getSurplusChunksList();
        });
  }

  @Test
  void whenNoServerHasRoomForAReplica_theStatusSaysSo() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    percentFree[2] = 0;
    for (int i = 0; i < 12; i++) {
      pass(1);
      HeartbeatReply unused = beat(1);
      unused = beat(3);
    }
    // Server 2 is dead, and server 3 full.
    Eventually.equals(
        true,
        () -> {
          time.pass(Duration.ofSeconds(1));
          HeartbeatReply unused = beat(3);
          assertEquals(List.of(), beat(1).getCopiesList());
          return status()
              .getRepairWaits()
              .contains("no chunk server without a replica of them has room");
        });
  }
}
