package dev.cairn.chunkserver.heartbeat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.chunkserver.scrub.ScrubCursor;
import dev.cairn.chunkserver.scrub.ScrubSettings;
import dev.cairn.chunkserver.scrub.Scrubber;
import dev.cairn.chunkserver.scrub.Verifier;
import dev.cairn.chunkserver.store.LocalChunkStore;
import dev.cairn.chunkserver.store.Part;
import dev.cairn.chunkserver.store.StoreSettings;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.wire.SocketTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A chunk server with three masters, of which one leads. */
@Timeout(60)
final class SeveralMastersTest {

  @TempDir Path directory;
  private final List<FakeMaster> masters = new ArrayList<>();
  private final AtomicReference<String> withheld = new AtomicReference<>();
  private LocalChunkStore store;
  private Heartbeat heartbeat;
  private Verifier verifier;

  private final Heartbeat.Port port =
      new Heartbeat.Port() {
        @Override
        public int openConnections() {
          return 0;
        }

        @Override
        public long clientBytes() {
          return 0;
        }

        @Override
        public void drain(boolean on) {}

        @Override
        public void withhold(String why) {
          withheld.set(why);
        }

        @Override
        public void serve() {
          withheld.set(null);
        }
      };

  @BeforeEach
  void open() throws IOException {
    store = LocalChunkStore.open(StoreSettings.of(List.of(directory.resolve("disk"))));
    byte[] bytes = new byte[1000];
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      parts.add(Part.ofBytes(1 + i, 0, ByteBuffer.wrap(bytes, 0, 10), true));
    }
    store.append(parts, ByteBuffer.wrap(bytes));
    for (int i = 0; i < 3; i++) {
      masters.add(new FakeMaster(0));
    }
    lead(0, 1);
  }

  @AfterEach
  void close() {
    heartbeat.close();
    verifier.close();
    masters.forEach(FakeMaster::close);
    store.close();
  }

  /** That one leads in that term, and the others know. */
  private void lead(int leader, long term) {
    for (int i = 0; i < masters.size(); i++) {
      masters.get(i).be(term, i == leader);
    }
  }

  private void beat(Masters known) {
    Scrubber scrubber =
        new Scrubber(store, new ScrubCursor(List.of(directory)), ScrubSettings.DEFAULT, () -> 1);
    verifier = new Verifier(store, 1L << 40);
    heartbeat =
        new Heartbeat(
            known,
            new Member(new HostPort("127.0.0.1", 9421), 5, "", "1.0"),
            store,
            store.identity(),
            new SocketTransport(),
            port,
            scrubber,
            verifier);
    verifier.start();
    heartbeat.start();
  }

  private Masters all() {
    return new Masters(masters.stream().map(FakeMaster::address).toList());
  }

  private static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - end < 0, "waited in vain for " + what);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private void awaitBeats(int master, int more) {
    int before = masters.get(master).beatCount();
    await("heartbeats to master " + master, () -> masters.get(master).beatCount() > before + more);
  }

  private boolean wasToldLost(int master, long chunk) {
    synchronized (masters.get(master)) {
      return masters.get(master).beats.stream()
          .anyMatch(beat -> beat.getLostChunksList().contains(chunk));
    }
  }

  private static HeartbeatReply deletion(long chunk) {
    return HeartbeatReply.newBuilder().addDeleteChunks(chunk).build();
  }

  @Test
  void allMasters_hearOfEverything() throws Exception {
    beat(all());
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    await("reports", () -> masters.stream().allMatch(master -> master.completeReports == 1));
    for (FakeMaster master : masters) {
      assertEquals(100, master.reported.size());
    }
    masters.get(0).answerNext(deletion(7));
    await("the deletion", () -> store.count() == 99);
    for (int i = 0; i < 3; i++) {
      int master = i;
      await("master " + i + " to hear of it", () -> wasToldLost(master, 7));
      awaitBeats(i, 2);
    }
    assertEquals(0, masters.get(1).lastBeat().getLostChunksCount());
  }

  @Test
  void orders_areObeyedOfTheLeaderAlone() throws Exception {
    masters.get(1).answerAll(deletion(5));
    beat(all());
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    awaitBeats(1, 3);
    masters.get(0).answerAll(deletion(6));
    await("the leader's deletion", () -> store.count() == 99);
    awaitBeats(1, 3);
    assertEquals(99, store.count());
    assertTrue(store.replica(5) != null);
    assertNull(store.replica(6));
  }

  @Test
  void aFormerLeader_thatKnowsNoBetter_isNotObeyed() throws Exception {
    beat(all());
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    awaitBeats(0, 2);
    masters.get(1).be(2, true);
    masters.get(2).be(2, false);
    awaitBeats(1, 2);
    masters.get(0).answerAll(deletion(5));
    awaitBeats(0, 3);
    masters.get(1).answerAll(deletion(6));
    await("the new leader's deletion", () -> store.replica(6) == null);
    assertEquals(99, store.count());
  }

  @Test
  void whatAFormerLeaderSettled_isNotSaidToTheNew() throws Exception {
    beat(all());
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    masters.get(0).answerAll(HeartbeatReply.newBuilder().setAnswer(70).build());
    awaitBeats(0, 2);
    awaitBeats(1, 2);
    await("an answer", () -> masters.get(0).lastBeat().getSettledAnswer() == 70);
    assertEquals(0, masters.get(1).lastBeat().getSettledAnswer());
    lead(1, 2);
    masters.get(1).answerAll(HeartbeatReply.newBuilder().setAnswer(3).build());
    await("the answer of another", () -> masters.get(1).lastBeat().getSettledAnswer() == 3);
    await("nothing to the former", () -> masters.get(0).lastBeat().getSettledAnswer() == 0);
    synchronized (masters.get(1)) {
      assertTrue(
          masters.get(1).beats.stream()
              .allMatch(beat -> beat.getSettledAnswer() == 0 || beat.getSettledAnswer() == 3));
    }
  }

  @Test
  void aFollowerThatHangsOrIsDead_keepsNobodyWaiting() throws Exception {
    Masters all = all();
    masters.get(1).hang(true);
    masters.get(2).close();
    beat(all);
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    awaitBeats(0, 20);
    masters.get(0).answerNext(deletion(6));
    await("the deletion", () -> store.replica(6) == null);
    await("the leader to hear of it", () -> wasToldLost(0, 6));
  }

  /** Stores a chunk, flips a byte of its file, and has that found by a read. */
  private void damage(long chunk) throws IOException {
    byte[] bytes = new byte[300_000];
    store.append(
        List.of(Part.ofBytes(chunk, 0, ByteBuffer.wrap(bytes), true)), ByteBuffer.wrap(bytes));
    bytes[5] = 1;
    String name = "%016x.data".formatted(chunk);
    try (Stream<Path> files = Files.walk(directory)) {
      Path file = files.filter(one -> one.endsWith(name)).findFirst().orElseThrow();
      Files.write(file, bytes);
    }
    try (var run = store.blocks(chunk, 0, 10)) {
      assertThrows(CairnException.class, () -> run.read(ByteBuffer.allocate(65_536)));
    }
  }

  @Test
  void aDamagedChunk_isToldUntilALeaderHasHeardOfIt() throws Exception {
    lead(-1, 1);
    beat(all());
    await("registrations", () -> masters.stream().allMatch(master -> master.beatCount() > 0));
    damage(513);
    for (int i = 0; i < 3; i++) {
      awaitBeats(i, 3);
      assertEquals(1, masters.get(i).lastBeat().getBadReplicasCount());
    }
    lead(2, 2);
    await("the leader to have heard", () -> masters.get(2).lastBeat().getBadReplicasCount() == 0);
    await("no more words", () -> masters.get(0).lastBeat().getBadReplicasCount() == 0);
  }

  @Test
  void theListOfMasters_isTakenFromTheLeader() throws Exception {
    FakeMaster fourth = new FakeMaster(0);
    masters.add(fourth);
    fourth.be(1, false);
    beat(new Masters(all().addresses().subList(0, 3)));
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    List<String> others =
        List.of(0, 1, 3).stream().map(i -> masters.get(i).address().toString()).toList();
    masters.get(0).answerAll(HeartbeatReply.newBuilder().addAllMasters(others).build());
    await("the fourth master", () -> fourth.beatCount() > 2);
    int before = masters.get(2).beatCount();
    awaitBeats(0, 10);
    assertTrue(masters.get(2).beatCount() <= before + 1, "the third is no master any more");
  }

  @Test
  void aFollowerThatTakesThisForASecondProcess_doesNotStopIt() throws Exception {
    CairnException second = ErrorCode.IDENTITY_IN_USE.because("another process is this server");
    masters.get(1).refuse(second);
    beat(all());
    heartbeat.joined().get(20, TimeUnit.SECONDS);
    await(
        "a refusal",
        () -> {
          synchronized (masters.get(1)) {
            return masters.get(1).registrations.size() > 1;
          }
        });
    awaitBeats(0, 3);
    assertNull(withheld.get());
  }
}
