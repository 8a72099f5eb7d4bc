package dev.cairn.chunkserver.heartbeat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.chunkserver.scrub.ScrubCursor;
import dev.cairn.chunkserver.scrub.ScrubSettings;
import dev.cairn.chunkserver.scrub.Scrubber;
import dev.cairn.chunkserver.scrub.Verifier;
import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.chunkserver.store.LocalChunkStore;
import dev.cairn.chunkserver.store.Part;
import dev.cairn.chunkserver.store.StoreSettings;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.BadReplica;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.HeartbeatRequest;
import dev.cairn.rpc.wire.SocketTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A chunk server's life with a master that behaves, is away, forgets, or is of another cluster. */
final class HeartbeatTest {

  private static final long INCARNATION = 5;
  private static final HostPort DATA_PORT = new HostPort("127.0.0.1", 9421);

  @TempDir Path directory;
  private LocalChunkStore store;
  private final FakeMaster master;
  private Heartbeat heartbeat;
  private Verifier verifier;

  HeartbeatTest() throws IOException {
    master = new FakeMaster(0);
  }

  @BeforeEach
  void open() throws IOException {
    store = LocalChunkStore.open(StoreSettings.of(List.of(directory.resolve("disk"))));
  }

  @AfterEach
  void close() {
    if (heartbeat != null) {
      heartbeat.close();
    }
    if (verifier != null) {
      verifier.close();
    }
    master.close();
    store.close();
  }

  private final AtomicReference<String> withheld = new AtomicReference<>();

  private final AtomicBoolean draining = new AtomicBoolean();

  private final Heartbeat.Port port =
      new Heartbeat.Port() {
        @Override
        public int openConnections() {
          return 3;
        }

        @Override
        public long clientBytes() {
          return 0;
        }

        @Override
        public void drain(boolean on) {
          draining.set(on);
        }

        @Override
        public void withhold(String why) {
          withheld.set(why);
        }

        @Override
        public void serve() {
          withheld.set(null);
        }
      };

  private void beat() {
    Member member = new Member(DATA_PORT, INCARNATION, "rack1", "1.0");
    Scrubber scrubber =
        new Scrubber(store, new ScrubCursor(List.of(directory)), ScrubSettings.DEFAULT, () -> 1);
    verifier = new Verifier(store, 1L << 40);
    heartbeat =
        new Heartbeat(
            Masters.of(master.address()),
            member,
            store,
            store.identity(),
            new SocketTransport(),
            port,
            scrubber,
            verifier);
    verifier.start();
    heartbeat.start();
  }

  private static void add(ChunkStore store, long first, int count) throws CairnException {
    byte[] bytes = new byte[count * 10];
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      parts.add(Part.ofBytes(first + i, 0, ByteBuffer.wrap(bytes, 0, 10), true));
    }
    store.append(parts, ByteBuffer.wrap(bytes));
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, "waited in vain for " + what);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  @Test
  void start_registersReportsInPagesAndBeats() throws Exception {
    add(store, 1, 25_000);
    byte[] open = new byte[100];
    store.append(
        List.of(Part.ofBytes(50_000, 0, ByteBuffer.wrap(open), false)), ByteBuffer.wrap(open));
    beat();
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    await("a heartbeat", () -> master.beatCount() > 0);
    synchronized (master) {
      var registration = master.registrations.get(0);
      assertEquals(store.identity().serverUuid(), registration.getServerUuid());
      assertEquals("", registration.getClusterId());
      assertEquals(9421, registration.getDataPort());
      assertEquals("rack1", registration.getZone());
      assertTrue(registration.getDisks(0).getFreeBytes() > 0);
      assertEquals(25_001, master.reported.size());
      assertEquals(10_000, master.largestPage);
      assertEquals(1, master.completeReports);
      assertFalse(master.reported.get(50_000L).getSealed());
      assertEquals(100, master.reported.get(50_000L).getLength());
      assertTrue(master.reported.get(7L).getSealed());
      assertEquals(25_001, master.lastBeat().getChunkCount());
      assertEquals(3, master.lastBeat().getOpenConnections());
      assertEquals(7, master.lastBeat().getServerId());
      assertEquals(3, master.lastBeat().getMasterIncarnation());
    }
    assertEquals("cluster-1", store.identity().clusterId());
  }

  @Test
  void aBeat_deletesWhatItIsTold_andTellsWhatIsGone() throws Exception {
    add(store, 1, 100);
    beat();
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    master.answerNext(HeartbeatReply.newBuilder().addDeleteChunks(5).addDeleteChunks(999).build());
    await("the deletion", () -> store.count() == 99);
    await(
        "the master to hear of it",
        () -> {
          synchronized (master) {
            return master.beats.stream().anyMatch(b -> b.getLostChunksList().contains(999L));
          }
        });
    int beats = master.beatCount();
    await("more heartbeats", () -> master.beatCount() > beats + 2);
    assertEquals(0, master.lastBeat().getLostChunksCount());
  }

  @Test
  void aBeat_putsAsideWhatItIsTold_andTellsThatItIsGone() throws Exception {
    add(store, 1, 100);
    beat();
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    master.answerNext(HeartbeatReply.newBuilder().addQuarantineChunks(5).build());
    await(
        "the master to hear of it",
        () -> {
          synchronized (master) {
            return master.beats.stream()
                .anyMatch(
                    b ->
                        b.getLostChunksList().contains(5L)
                            && b.getDisks(0).getQuarantinedChunks() == 1);
          }
        });
    assertEquals(99, store.count());
  }

  @Test
  void aBeat_deletesOrPutsAsideWhatOthersStandInFor_andSaysByWhichAnswerItGoes() throws Exception {
    add(store, 1, 100);
    beat();
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    master.answerNext(
        HeartbeatReply.newBuilder()
            .setAnswer(41)
            .addSurplusChunks(5)
            .addUnfitChunks(6)
            .addUnfitChunks(7)
            .build());
    await("them to go", () -> store.count() == 97);
    master.answerAll(HeartbeatReply.newBuilder().setAnswer(42).build());
    await("the next answer to be settled", () -> master.lastBeat().getSettledAnswer() == 42);
    synchronized (master) {
      List<Long> lost = new ArrayList<>();
      for (int i = 0; i == 0 || master.beats.get(i - 1).getSettledAnswer() < 42; i++) {
        lost.addAll(master.beats.get(i).getLostChunksList());
      }
      assertTrue(lost.containsAll(List.of(5L, 6L, 7L)), lost::toString);
      assertEquals(2, master.lastBeat().getDisks(0).getQuarantinedChunks());
    }
  }

  @Test
  void aServerToBeEmptied_refusesClientsBytes_andSaysSo() throws Exception {
    beat();
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    assertFalse(draining.get());
    master.answerAll(HeartbeatReply.newBuilder().setDraining(true).build());
    await("the port to hear of it", draining::get);
    await(
        "the master to hear of it",
        () -> master.beatCount() > 0 && master.lastBeat().getDraining());
    master.answerAll(HeartbeatReply.getDefaultInstance());
    await("the end of it", () -> !draining.get() && !master.lastBeat().getDraining());
  }

  @Test
  void aBeat_tellsOfBadChunksUntilItIsAnswered() throws Exception {
    byte[] bytes = new byte[300_000];
    store.append(List.of(Part.ofBytes(1, 0, ByteBuffer.wrap(bytes), true)), ByteBuffer.wrap(bytes));
    Path file = directory.resolve("disk/chunks/01/0000000000000001.data");
    bytes[5] = 1;
    java.nio.file.Files.write(file, bytes);
    try (var run = store.blocks(1, 0, 10)) {
      assertThrows(CairnException.class, () -> run.read(ByteBuffer.allocate(65_536)));
    }
    beat();
    await("a heartbeat", () -> master.beatCount() > 2);
    synchronized (master) {
      assertEquals(1, master.beats.get(0).getBadReplicas(0).getChunkId());
      assertTrue(master.beats.get(0).getBadReplicas(0).getReason().contains("block 0"));
      assertEquals(0, master.beats.get(1).getBadReplicasCount());
    }
  }

  @Test
  void whatIsSaidToBeBad_isRead_andTheMasterToldWhatItIs() throws Exception {
    byte[] bytes = new byte[300_000];
    for (long id = 1; id <= 2; id++) {
      store.append(
          List.of(Part.ofBytes(id, 0, ByteBuffer.wrap(bytes), true)), ByteBuffer.wrap(bytes));
    }
    bytes[5] = 1;
    Path file = directory.resolve("disk/chunks/01/0000000000000001.data");
    java.nio.file.Files.write(file, bytes);
    beat();
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    master.answerNext(
        HeartbeatReply.newBuilder()
            .addVerifyChunks(1)
            .addVerifyChunks(2)
            .addVerifyChunks(99)
            .build());
    await("all to be told", () -> told(b -> b.getVerifiedChunksList().contains(2L)));
    await("the damage", () -> told(b -> b.getBadReplicasList().stream().anyMatch(this::isOne)));
    await("the absence", () -> told(b -> b.getAbsentChunksList().contains(99L)));
    assertFalse(told(b -> b.getVerifiedChunksList().contains(1L)));
    int beats = master.beatCount();
    await("more heartbeats", () -> master.beatCount() > beats + 2);
    assertEquals(0, master.lastBeat().getVerifiedChunksCount());
  }

  private boolean isOne(BadReplica bad) {
    return bad.getChunkId() == 1 && bad.getReason().contains("block 0");
  }

  private boolean told(Predicate<HeartbeatRequest> what) {
    synchronized (master) {
      return master.beats.stream().anyMatch(what);
    }
  }

  @Test
  void aMasterThatForgot_isToldEverythingAgain() throws Exception {
    add(store, 1, 10);
    beat();
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    master.answerNext(HeartbeatReply.newBuilder().setRegisterAgain(true).build());
    await(
        "another report",
        () -> {
          synchronized (master) {
            return master.completeReports == 2;
          }
        });
    synchronized (master) {
      assertEquals("cluster-1", master.registrations.get(1).getClusterId());
    }
  }

  @Test
  void aMasterThatIsAway_isWaitedFor() throws Exception {
    int port = master.address().port();
    beat();
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    master.close();
    add(store, 1, 10);
    FakeMaster again = new FakeMaster(port);
    try (again) {
      // The first beat that arrives may have been made before the chunks were.
      await(
          "a heartbeat that counts them",
          () -> again.beatCount() > 0 && again.lastBeat().getChunkCount() == 10);
    }
  }

  @Test
  void aMasterOfAnotherCluster_isNotServed_untilTheRightOneIsBack() throws Exception {
    store.identity().join("another");
    beat();
    await("more than one try", () -> registrations() > 1);
    assertFalse(heartbeat.joined().isDone());
    assertEquals(0, master.beatCount());
    master.become("another");
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    await("a heartbeat", () -> master.beatCount() > 0);
  }

  private int registrations() {
    synchronized (master) {
      return master.registrations.size();
    }
  }

  @Test
  void aSecondProcess_servesNothing_untilItIsAccepted() throws Exception {
    master.refuse(ErrorCode.IDENTITY_IN_USE.because("two processes are chunk server 7"));
    beat();
    await("the refusal", () -> "two processes are chunk server 7".equals(withheld.get()));
    await("another try", () -> registrations() > 1);
    master.refuse(null);
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    assertEquals(null, withheld.get());
    await("a heartbeat", () -> master.beatCount() > 0);
    assertEquals(INCARNATION, master.lastBeat().getIncarnation());
  }

  @Test
  void aProcessThatWasReplaced_servesNothing_andAsksAgain() throws Exception {
    beat();
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    master.refuse(ErrorCode.IDENTITY_IN_USE.because("another process is it"));
    master.answerNext(HeartbeatReply.newBuilder().setReplaced("another process is it").build());
    await("it to be heard", () -> withheld.get() != null);
    await("another try", () -> registrations() > 1);
    assertEquals("another process is it", withheld.get());
  }

  @Test
  void aProcessThatEnds_saysSo() throws Exception {
    beat();
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    await("a heartbeat", () -> master.beatCount() > 0);
    heartbeat.close();
    heartbeat = null;
    assertTrue(master.lastBeat().getLeaving());
  }

  @Test
  void aMasterThatRefuses_endsTheServer() throws Exception {
    master.refusal = ErrorCode.INVALID.because("this server is of cluster x");
    beat();
    CairnException e = heartbeat.refused().get(20, TimeUnit.SECONDS);
    assertEquals("this server is of cluster x", e.getMessage());
  }
}
