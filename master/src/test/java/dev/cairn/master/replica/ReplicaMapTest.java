package dev.cairn.master.replica;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.ManualTime;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.record.proto.Chunk;
import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.master.record.proto.ReplicaName;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each event alone, with three servers that live. Chunk 1 has two replicas, on servers 1 and 2. */
final class ReplicaMapTest {

  private static final int[] NOWHERE = {};

  private final ManualTime time = new ManualTime();
  private Fleet fleet;
  private ReplicaMap replicas;

  @BeforeEach
  void threeServers() throws IOException {
    MetadataView view = new MetadataView(new MemoryStore());
    fleet = new Fleet(view, Duration.ofSeconds(10), time.ticks());
    replicas = new ReplicaMap(view, fleet, time, Duration.ofSeconds(20));
    for (int id = 1; id <= 3; id++) {
      register(id);
      fleet.reported(id);
    }
    replicas.reported(1, 1, 2);
    replicas.reported(1, 2, 2);
  }

  private void register(int id) {
    fleet.registered(row(id).build(), List.of(), 0, time.ticks());
  }

  private static ChunkServer.Builder row(int id) {
    return ChunkServer.newBuilder().setId(id).setHost("h").setDataPort(id);
  }

  private static MarkedReplica mark(long chunk, int server) {
    return MarkedReplica.newBuilder().setChunk(chunk).setServer(server).build();
  }

  private static ReplicaName name(long chunk, int server) {
    return ReplicaName.newBuilder().setChunk(chunk).setServer(server).build();
  }

  private ReplicaMap.Aftermath lose(int server, long chunk) {
    return replicas.lost(server, List.of(chunk), 0);
  }

  /** Server 3 is silent for so long that it is dead; the others are not. */
  private void server3Dies() {
    time.pass(Duration.ofSeconds(11));
    for (int id = 1; id <= 2; id++) {
      assertTrue(fleet.heard(id, List.of(), 0, 0, time.ticks()));
    }
    fleet.buryTheSilent(time.ticks());
  }

  private long lacking() {
    return replicas.tally().withFewerThanWanted();
  }

  @Test
  void reported_makesTheReplicaWhole_whateverItWas() {
    replicas.reportedShort(1, 3);
    replicas.reported(1, 3, 2);
    assertArrayEquals(new int[] {1, 2, 3}, replicas.holders(1));
    assertEquals(List.of(1, 2, 3), replicas.good(1));
    assertEquals(List.of(), replicas.unfitOn(3, 10));
    assertEquals(Standing.STAYING, replicas.standing(1, 3));
  }

  @Test
  void reported_afterTheReplicaWasLost_bringsItBack() {
    ReplicaMap.Aftermath unused = lose(1, 1);
    replicas.reported(1, 1, 2);
    replicas.committed(1, List.of(1), false);
    assertTrue(replicas.holds(1, 1));
  }

  @Test
  void reportedShort_isNoReplica_andOnlyTakesRoom() {
    replicas.reportedShort(7, 3);
    assertArrayEquals(NOWHERE, replicas.holders(7));
    assertEquals(List.of(7L), replicas.unfitOn(3, 10));
  }

  @Test
  void reportedShort_ofWhatACommitMadeWhole_changesNothing() {
    replicas.committed(7, List.of(3), true);
    replicas.reportedShort(7, 3);
    assertTrue(replicas.holds(7, 3));
    assertEquals(List.of(), replicas.unfitOn(3, 10));
  }

  @Test
  void reportedGarbage_isHeldAndNeverMissed() {
    replicas.reportedShort(7, 3);
    replicas.reportedGarbage(7, 3);
    assertTrue(replicas.holds(7, 3));
    assertEquals(List.of(), replicas.unfitOn(3, 10));
    assertEquals(1, replicas.tally().withReplica());
  }

  @Test
  void written_saysHowManyReplicasThereShouldBe() {
    replicas.written(Chunk.newBuilder().setId(7).setReplicas(2).setCreated(true).build());
    replicas.committed(7, List.of(3), true);
    assertEquals(1, lacking());
    replicas.written(Chunk.newBuilder().setId(7).setReplicas(1).build());
    assertEquals(1, lacking());
  }

  @Test
  void committed_countsTheServersThatAcknowledged_ifThereAreSuch() {
    replicas.committed(7, List.of(3, 99), true);
    assertArrayEquals(new int[] {3}, replicas.holders(7));
  }

  @Test
  void committed_doesNotBringBackWhatItsServerHasLost_forAWhile() {
    ReplicaMap.Aftermath unused = lose(3, 7);
    replicas.committed(7, List.of(3), true);
    assertArrayEquals(NOWHERE, replicas.holders(7));
    time.pass(Duration.ofSeconds(200));
    replicas.committed(7, List.of(3), true);
    assertArrayEquals(new int[] {3}, replicas.holders(7));
  }

  @Test
  void committedWhileItsServerLosesIt_isAbsent_whicheverComesFirst() throws Exception {
    int chunks = 5000;
    CyclicBarrier together = new CyclicBarrier(2);
    CompletableFuture<Void> losing =
        CompletableFuture.runAsync(
            () -> {
              for (long chunk = 10; chunk < 10 + chunks; chunk++) {
                await(together);
                ReplicaMap.Aftermath unused = lose(3, chunk);
              }
            });
    for (long chunk = 10; chunk < 10 + chunks; chunk++) {
      await(together);
      replicas.committed(chunk, List.of(1, 3), true);
    }
    losing.get(30, TimeUnit.SECONDS);
    for (long chunk = 10; chunk < 10 + chunks; chunk++) {
      assertArrayEquals(new int[] {1}, replicas.holders(chunk), "chunk " + chunk);
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void committed_whenTheChunkHasGrown_makesReplicasStaleThatDidNotAcknowledgeIt() {
    replicas.committed(1, List.of(1, 3), true);
    assertArrayEquals(new int[] {1, 3}, replicas.holders(1));
    assertEquals(List.of(1L), replicas.unfitOn(2, 10));
  }

  @Test
  void committed_whenTheChunkHasGrown_forgetsReplicasOfTheDead() {
    replicas.reported(1, 3, 2);
    server3Dies();
    replicas.committed(1, List.of(1, 2), true);
    assertArrayEquals(new int[] {1, 2}, replicas.holders(1));
    assertEquals(List.of(), replicas.unfitOn(3, 10));
  }

  @Test
  void committed_whenTheChunkIsAsItWas_leavesOthersAlone() {
    replicas.committed(1, List.of(1), false);
    assertArrayEquals(new int[] {1, 2}, replicas.holders(1));
  }

  @Test
  void discarded_isMissedNoMore_andHeldHoweverShortItIs() {
    replicas.reportedShort(1, 3);
    ReplicaMap.Aftermath unused = lose(2, 1);
    assertEquals(1, lacking());
    replicas.discarded(1);
    assertEquals(0, lacking());
    assertArrayEquals(new int[] {1, 3}, replicas.holders(1));
    assertEquals(List.of(), replicas.unfitOn(3, 10));
  }

  @Test
  void deleted_isNowhere() {
    replicas.discarded(1);
    replicas.deleted(1);
    assertArrayEquals(NOWHERE, replicas.holders(1));
    assertEquals(0, replicas.chunks());
  }

  @Test
  void marked_isNotGood_andReadOnlyWhenThereIsNoOther() {
    long changes = replicas.changes();
    replicas.marked(mark(1, 1));
    assertTrue(replicas.changes() > changes);
    assertEquals(List.of(2), replicas.good(1));
    assertEquals(List.of(2), replicas.location(1).getServerIdsList());
    assertEquals(List.of(1L), replicas.unfitOn(1, 10));
    replicas.marked(mark(1, 2));
    assertEquals(List.of(1, 2), replicas.location(1).getServerIdsList());
    assertEquals(2, replicas.bad(10).size());
  }

  @Test
  void unmarked_isGoodAgain() {
    replicas.marked(mark(1, 1));
    replicas.unmarked(name(1, 1));
    assertEquals(List.of(1, 2), replicas.good(1));
    assertEquals(1, replicas.putAside().count());
  }

  @Test
  void lost_isAbsent_andSaysWhatIsToBeRecorded() {
    long changes = replicas.changes();
    replicas.reportedGarbage(7, 1);
    replicas.marked(mark(1, 1));
    ReplicaMap.Aftermath aftermath = replicas.lost(1, List.of(1L, 7L), 0);
    assertEquals(List.of(7L), aftermath.lastOfGarbage());
    assertEquals(List.of(1L), aftermath.marked());
    assertArrayEquals(new int[] {2}, replicas.holders(1));
    assertTrue(replicas.changes() > changes);
  }

  @Test
  void lost_endsWhatElseIsKnownOfTheReplica() {
    replicas.reportedShort(7, 1);
    assertTrue(replicas.suspected(1, 1, "it rots"));
    long unused = replicas.told(1, List.of(1L));
    ReplicaMap.Aftermath gone = replicas.lost(1, List.of(1L, 7L), 0);
    assertEquals(List.of(), gone.marked());
    assertEquals(List.of(), replicas.unfitOn(1, 10));
    assertEquals(List.of(), replicas.suspects());
    assertFalse(replicas.isGoing(1, 1));
  }

  @Test
  void suspected_onADeadServer_takesNobodyThePlace() {
    long chunk = 100;
    while (replicas.suspected(chunk, 3, "it rots")) {
      chunk++;
    }
    assertFalse(replicas.suspected(1, 1, "it rots"), "there is no room");
    server3Dies();
    assertTrue(replicas.suspected(1, 1, "it rots"));
    assertEquals(1, replicas.suspects().size());
  }

  @Test
  void suspected_isReadLast_andToBeChecked() {
    assertTrue(replicas.suspected(1, 1, "it rots"));
    assertFalse(replicas.suspected(1, 1, "it rots"));
    assertEquals(List.of(2, 1), replicas.location(1).getServerIdsList());
    assertEquals(List.of(1L), replicas.suspectsOn(1, 10));
    assertEquals(List.of(), replicas.suspectsOn(2, 10));
    assertEquals(List.of(1, 2), replicas.good(1));
    assertEquals("it rots", replicas.suspects().get(0).getReason());
  }

  @Test
  void checked_isUnderSuspicionNoLonger() {
    assertTrue(replicas.suspected(1, 1, "it rots"));
    assertTrue(replicas.checked(1, 1));
    assertFalse(replicas.checked(1, 1));
    assertEquals(List.of(1, 2), replicas.location(1).getServerIdsList());
  }

  @Test
  void told_doesNotCount_untilTheServerSettlesOnAnAnswerThatDoesNotNameIt() {
    long naming = replicas.told(1, List.of(1L));
    assertFalse(replicas.counts(1, 1));
    assertEquals(Standing.NONE, replicas.standing(1, 1));
    assertEquals(List.of(1, 2), replicas.good(1));
    assertEquals(1, lacking());
    ReplicaMap.Aftermath first = replicas.lost(1, List.of(), naming);
    assertFalse(replicas.counts(1, 1));
    long next = replicas.told(1, List.of());
    ReplicaMap.Aftermath second = replicas.lost(1, List.of(), next);
    assertTrue(replicas.counts(1, 1));
    assertEquals(first, second);
  }

  @Test
  void serverRegistered_hasNothingUntilItReports_andChecksWhatWasBad() {
    replicas.reportedShort(7, 1);
    replicas.marked(mark(1, 1));
    assertTrue(replicas.suspected(8, 1, "it rots"));
    long unused = replicas.told(1, List.of(1L, 7L));
    replicas.serverRegistered(1);
    assertArrayEquals(new int[] {2}, replicas.holders(1));
    assertEquals(List.of(1L), replicas.unfitOn(1, 10));
    assertEquals(List.of(1L), replicas.suspectsOn(1, 10));
    assertFalse(replicas.isGoing(1, 1));
    assertTrue(replicas.isBad(1, 1));
  }

  @Test
  void serverForgotten_hasNothing() {
    replicas.reportedShort(7, 1);
    assertTrue(replicas.suspected(1, 1, "it rots"));
    long unused = replicas.told(1, List.of(1L));
    replicas.serverForgotten(1);
    assertArrayEquals(new int[] {2}, replicas.holders(1));
    assertEquals(List.of(), replicas.unfitOn(1, 10));
    assertEquals(List.of(), replicas.suspects());
    assertFalse(replicas.isGoing(1, 1));
  }

  @Test
  void serverThatDies_hasNoGoodReplicas_andHasThemAgainWhenItLives() {
    replicas.reported(1, 3, 3);
    server3Dies();
    assertEquals(List.of(1, 2), replicas.good(1));
    assertArrayEquals(new int[] {1, 2, 3}, replicas.holders(1));
    assertEquals(1, lacking());
    register(3);
    assertEquals(List.of(1, 2, 3), replicas.good(1));
  }

  @Test
  void serverThatIsDrained_hasReplicasThatLeave() {
    fleet.changed(row(1).setDraining(true).build());
    assertEquals(Standing.LEAVING, replicas.standing(1, 1));
    assertEquals(Standing.STAYING, replicas.standing(1, 2));
    int[] shown = {0, 0, 0};
    for (int part = 0; part < ReplicaMap.PARTS; part++) {
      replicas.survey(
          part,
          (chunk, wanted, good, leaving) -> {
            shown[0] += wanted;
            shown[1] += good;
            shown[2] += leaving;
          });
    }
    assertArrayEquals(new int[] {2, 2, 1}, shown);
  }

  @Test
  void chunkThatNoServerHas_isLost_whenAllLiveAndHaveReported() {
    assertEquals(List.of(1, 2), replicas.location(1).getServerIdsList());
    assertFalse(replicas.location(1).getLost());
    assertTrue(replicas.location(2).getLost());
  }

  @Test
  void chunkThatNoServerHas_mayBeOnOneThatHasYetToSay() {
    register(2);
    assertFalse(replicas.location(2).getLost());
    fleet.reported(2);
    assertTrue(replicas.location(2).getLost());
  }

  @Test
  void chunkThatNoLivingServerHas_isNotLost_whileOneIsDead() {
    time.pass(Duration.ofSeconds(20));
    fleet.buryTheSilent(time.ticks());
    assertFalse(replicas.location(1).getLost());
    assertFalse(replicas.location(2).getLost());
  }
}
