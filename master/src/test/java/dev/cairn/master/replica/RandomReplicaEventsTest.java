package dev.cairn.master.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.ManualTime;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.master.record.proto.ReplicaName;
import dev.cairn.master.replica.ReplicaModel.Fact;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Events in random order, on few chunks and servers, beside a model. */
final class RandomReplicaEventsTest {

  private static final int SERVERS = 6;
  private static final int CHUNKS = 8;
  private static final int EVENTS = 40_000;
  private static final int SERVER_EVENT = 15;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final ManualTime time = new ManualTime();
  private final ReplicaModel model = new ReplicaModel();
  private final List<String> said = new ArrayList<>();
  private Fleet fleet;
  private ReplicaMap replicas;
  private long latestAnswer;

  private void register(int id) {
    ChunkServer row = ChunkServer.newBuilder().setId(id).setHost("h").setDataPort(id).build();
    fleet.registered(row, List.of(), 0, time.ticks());
    model.alive.add(id);
  }

  private void event(long chunk, int server) {
    int kind = random.nextInt(100) == 0 ? SERVER_EVENT : random.nextInt(SERVER_EVENT);
    said.add("event %d of chunk %d on server %d".formatted(kind, chunk, server));
    switch (kind) {
      case 0, 1 -> {
        replicas.reported(chunk, server, 2);
        model.reported(chunk, server);
      }
      case 2 -> {
        replicas.reportedShort(chunk, server);
        model.reportedShort(chunk, server);
      }
      case 3 -> {
        replicas.reportedGarbage(chunk, server);
        model.reportedGarbage(chunk, server);
      }
      case 4, 5 -> {
        Set<Integer> servers = new TreeSet<>(List.of(server, 1 + random.nextInt(SERVERS)));
        boolean grown = random.nextBoolean();
        replicas.committed(chunk, servers, grown);
        model.committed(chunk, servers, grown);
      }
      case 6 -> {
        replicas.discarded(chunk);
        model.discarded(chunk);
      }
      case 7 -> {
        replicas.deleted(chunk);
        model.deleted(chunk);
      }
      case 8 -> {
        replicas.marked(MarkedReplica.newBuilder().setChunk(chunk).setServer(server).build());
        model.marked(chunk, server);
      }
      case 9 -> {
        replicas.unmarked(ReplicaName.newBuilder().setChunk(chunk).setServer(server).build());
        model.unmarked(chunk, server);
      }
      case 10, 11 -> lose(chunk, server);
      case 12 -> {
        boolean news = !model.is(Fact.SUSPECT, chunk, server);
        assertEquals(news, replicas.suspected(chunk, server, ""));
        model.suspected(chunk, server);
      }
      case 13 -> {
        assertEquals(model.is(Fact.SUSPECT, chunk, server), replicas.checked(chunk, server));
        model.checked(chunk, server);
      }
      case 14 -> {
        latestAnswer = replicas.told(server, List.of(chunk));
        model.told(chunk, server, latestAnswer);
      }
      default -> server(server);
    }
  }

  private void lose(long chunk, int server) {
    long settled = latestAnswer == 0 ? 0 : 1 + random.nextLong(latestAnswer);
    ReplicaMap.Aftermath aftermath = replicas.lost(server, List.of(chunk), settled);
    boolean last = model.lost(chunk, server);
    model.settled(server, settled);
    assertEquals(last ? List.of(chunk) : List.of(), aftermath.lastOfGarbage());
    boolean bad = model.is(Fact.BAD, chunk, server);
    assertEquals(bad ? List.of(chunk) : List.of(), aftermath.marked());
  }

  /** Something that concerns a whole server; it dies, or registers again. */
  private void server(int server) {
    switch (random.nextInt(4)) {
      case 0 -> {
        replicas.serverRegistered(server);
        register(server);
        model.cleared(server, true);
      }
      case 1 -> {
        replicas.serverForgotten(server);
        model.cleared(server, false);
      }
      case 2 -> {
        time.pass(Duration.ofNanos(1));
        for (int id = 1; id <= SERVERS; id++) {
          if (id != server && model.alive.contains(id)) {
            assertTrue(fleet.heard(id, List.of(), 0, 0, time.ticks()));
          }
        }
        fleet.buryTheSilent(time.ticks());
        model.alive.remove(server);
      }
      default -> register(server);
    }
  }

  private void check() {
    long withReplica = 0;
    for (long chunk = 1; chunk <= CHUNKS; chunk++) {
      List<Integer> holders = model.servers(Fact.WHOLE, chunk);
      assertEquals(holders, Arrays.stream(replicas.holders(chunk)).sorted().boxed().toList());
      List<Integer> good = new ArrayList<>();
      for (int server : holders) {
        boolean isGood = model.alive.contains(server) && !model.is(Fact.BAD, chunk, server);
        if (isGood) {
          good.add(server);
        }
        assertEquals(
            isGood && !model.is(Fact.GOING, chunk, server), replicas.counts(chunk, server));
      }
      assertEquals(good, replicas.good(chunk).stream().sorted().toList());
      List<Integer> read =
          good.isEmpty() ? holders.stream().filter(model.alive::contains).toList() : good;
      List<Integer> location = replicas.location(chunk).getServerIdsList();
      assertEquals(read, location.stream().sorted().toList());
      withReplica += good.isEmpty() || model.isGarbage(chunk) ? 0 : 1;
    }
    assertEquals(withReplica, replicas.tally().withReplica());
    for (int server = 1; server <= SERVERS; server++) {
      Set<Long> unfit = model.chunks(Fact.BAD, server);
      unfit.addAll(model.chunks(Fact.STALE, server));
      assertEquals(unfit, new TreeSet<>(replicas.unfitOn(server, 2 * CHUNKS)));
      Set<Long> suspects = model.chunks(Fact.SUSPECT, server);
      assertEquals(suspects, new TreeSet<>(replicas.suspectsOn(server, CHUNKS)));
    }
  }

  @Test
  void randomEvents_matchAModel() throws IOException {
    MetadataView view = new MetadataView(new MemoryStore());
    // Losses are known for ever, and a server dies of any silence.
    fleet = new Fleet(view, Duration.ZERO, 0);
    replicas = new ReplicaMap(view, fleet, time, Duration.ofDays(1));
    for (int id = 1; id <= SERVERS; id++) {
      register(id);
    }
    try {
      for (int i = 0; i < EVENTS; i++) {
        event(1 + random.nextLong(CHUNKS), 1 + random.nextInt(SERVERS));
        check();
      }
    } catch (AssertionError | RuntimeException e) {
      List<String> last = said.subList(Math.max(0, said.size() - 20), said.size());
      throw new AssertionError("seed " + seed + ": " + String.join("\n", last), e);
    }
  }
}
