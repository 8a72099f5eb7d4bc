package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChunkReplica;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.DrainRequest;
import dev.cairn.rpc.proto.DrainStatus;
import dev.cairn.rpc.proto.ForgetRequest;
import dev.cairn.rpc.proto.ServerAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How chunk servers are emptied, and how they are forgotten. */
final class DrainTest extends RepairCase {

  private void drain(int server, boolean draining) {
    var unused =
        master.cluster.drain(
            DrainRequest.newBuilder().setServerId(server).setDraining(draining).build());
  }

  private void forget(int server) {
    var unused = master.cluster.forget(ForgetRequest.newBuilder().setServerId(server).build());
  }

  private String refusedToForget(int server) {
    return RunningMaster.refusal(
            () -> master.cluster.forget(ForgetRequest.newBuilder().setServerId(server).build()))
        .getMessage();
  }

  private DrainStatus progress(int server) {
    return status().getServersList().stream()
        .filter(one -> one.getServerId() == server)
        .map(ChunkServerStatus::getDrain)
        .findFirst()
        .orElseThrow();
  }

  /** Waits until the survey shows the server in that state. */
  private void awaitLeft(int server, long chunks, int... living) {
    Eventually.equals(
        chunks,
        () -> {
          pass(1, living);
          return progress(server).getChunksLeft();
        });
  }

  /** Lets the server say, for longer than it takes, that it keeps clients' bytes out. */
  private void close(int server, int... living) {
    for (int i = 0; i < 8; i++) {
      pass(1, living);
      var unused = master.servers.heartbeat(heartbeat(server).setDraining(true).build());
    }
  }

  @Test
  void aDrainedServer_getsNothing_andWhatItHoldsIsCopied() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    drain(2, true);
    for (int i = 0; i < 20; i++) {
      assertFalse(
          MasterTest.grant(master, 1).getChainList().stream()
              .map(ServerAddress::getServerId)
              .anyMatch(id -> id == 2));
    }
    assertTrue(beat(2, List.of(), List.of()).getDraining());
    assertEquals(chunk, ordered(3, 1, 2).get(0).getChunks(0).getChunkId());
    awaitLeft(2, 1, 1, 2, 3);
    assertEquals(10, progress(2).getBytesLeft());
    assertFalse(progress(2).getDone());
    assertEquals(0, status().getUnderReplicatedChunks());

    var unused = beat(3, List.of(copied(chunk, 10)), List.of());
    awaitLeft(2, 0, 1, 2, 3);
    close(2, 1, 3);
    Eventually.equals(
        true,
        () -> {
          close(2, 1, 3);
          return progress(2).getDone();
        });
    assertEquals(List.of(1, 2, 3), locations());
  }

  @Test
  void aDrainedServer_isNotDrainedYet_whileItMayStillTakeClientsBytes() {
    drain(2, true);
    Eventually.equals(
        true,
        () -> {
          pass(1, 1, 2, 3);
          return progress(2).getWaits().contains("clients");
        });
    assertFalse(progress(2).getDone());
  }

  @Test
  void withTooFewOtherServers_theReasonIsSaid_andAnotherServerHelps() throws Exception {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    pass(11, 1, 2);
    drain(2, true);
    awaitLeft(2, 1, 1, 2);
    Eventually.equals(
        true,
        () -> {
          pass(1, 1, 2);
          return progress(2).getWaits().contains("start more");
        });
    servers.set(2, master.join("uuid-3", 7003));
    assertEquals(chunk, ordered(3, 1, 2).get(0).getChunks(0).getChunkId());
    Eventually.equals(
        "",
        () -> {
          pass(1, 1, 2, 3);
          return progress(2).getWaits();
        });
    assertEquals(1, progress(2).getChunksLeft());
  }

  @Test
  void aDeadServerWithTheOnlyReplica_isWaitedFor() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 2);
    drain(2, true);
    pass(11, 1, 3);
    Eventually.equals(
        true,
        () -> {
          pass(1, 1, 3);
          return progress(2).getWaits().contains("start it again");
        });
    assertEquals(1, progress(2).getChunksLeft());
    assertTrue(refusedToForget(2).contains("no replica on a living"), refusedToForget(2));
  }

  @Test
  void undrained_itGetsChunksAgain_andWhatIsTooMuchGoes() {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    drain(2, true);
    assertEquals(1, ordered(3, 1, 2).size());
    var unused = beat(3, List.of(copied(chunk, 10)), List.of());
    pass(12, 1, 2, 3);
    for (int server = 1; server <= 3; server++) {
      assertEquals(List.of(), beat(server, List.of(), List.of()).getSurplusChunksList());
    }
    drain(2, false);
    assertFalse(beat(2, List.of(), List.of()).getDraining());
    Eventually.equals(
        1,
        () -> {
          pass(1, 1, 2, 3);
          int deleting = 0;
          for (int server = 1; server <= 3; server++) {
            deleting += beat(server, List.of(), List.of()).getSurplusChunksCount();
          }
          return deleting;
        });
  }

  @Test
  void drainingSurvivesARestartOfTheMaster_andRegisteringAgain() throws Exception {
    drain(2, true);
    master.close();
    master = RunningMaster.start(data, time);
    servers.set(1, master.join("uuid-2", 7002));
    assertEquals(2, servers.get(1).getServerId());
    assertTrue(beat(2, List.of(), List.of()).getDraining());
    assertTrue(status().getServers(1).getDraining());
  }

  @Test
  void onlyADeadServerThatNothingCountsOn_isForgotten_andComesBackAsAnother() throws Exception {
    long chunk = grant().getFirstChunkId();
    commit(chunk, 10, true, 1, 2);
    assertTrue(refusedToForget(2).contains("it is alive"), refusedToForget(2));
    pass(11, 1, 3);
    Eventually.equals(true, () -> refusedToForget(2).contains("1 chunks it holds"));
    assertEquals(1, ordered(3).size());
    var unused = beat(3, List.of(copied(chunk, 10)), List.of());
    assertEquals(List.of(1, 3), locations());
    forget(2);
    assertEquals(2, status().getServersCount());
    assertEquals(
        ErrorCode.NO_ENTRY,
        RunningMaster.refusal(
                () -> master.cluster.forget(ForgetRequest.newBuilder().setServerId(2).build()))
            .code());

    ChunkReplica replica =
        ChunkReplica.newBuilder().setChunkId(chunk).setLength(10).setSealed(true).build();
    assertEquals(4, master.join("uuid-2", 7002, replica).getServerId());
    assertEquals(List.of(1, 3, 4), locations());
  }

  @Test
  void afterARestartOfTheMaster_aServerIsNotForgottenBeforeItIsKnownWhatItHolds() throws Exception {
    pass(11, 1, 3);
    master.close();
    master = RunningMaster.start(data, time);
    servers.set(0, master.join("uuid-1", 7001));
    assertTrue(refusedToForget(2).contains("yet to say"), refusedToForget(2));
  }
}
