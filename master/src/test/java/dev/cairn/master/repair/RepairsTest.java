package dev.cairn.master.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Cursor;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.master.store.Table;
import dev.cairn.master.store.Tables;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.proto.ChunkCopy;
import dev.cairn.rpc.proto.CopyOrder;
import dev.cairn.rpc.proto.DiskStatus;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What surveys and orders of many chunks come to, and how much they read. */
final class RepairsTest {

  private static final long DISK = 1L << 40;
  private static final int CHUNK_BYTES = 64 << 20;

  /**
   * Tables that have every chunk, sealed and with two replicas wanted unless a test says otherwise.
   */
  private static final class AllChunks implements Tables {

    private final MemoryStore others = new MemoryStore();
    private int reads;
    private int replicas = 2;

    @Override
    public byte[] get(Table table, byte[] key) {
      if (table != Table.CHUNKS) {
        return others.get(table, key);
      }
      reads++;
      return ByteBuffer.allocate(10)
          .putInt(1)
          .putInt(CHUNK_BYTES)
          .put((byte) replicas)
          .put(ChunkRow.SEALED)
          .array();
    }

    @Override
    public Cursor cursor(Table table, byte[] prefix) {
      return others.cursor(table, prefix);
    }
  }

  private static final class Clock implements Time {

    private long ticks;

    @Override
    public long now() {
      return ticks;
    }

    @Override
    public long ticks() {
      return ticks;
    }
  }

  private final AllChunks tables = new AllChunks();
  private final MetadataView view = new MetadataView(tables);
  private final Clock clock = new Clock();
  private final Fleet fleet = new Fleet(view, Duration.ofSeconds(10), 0);
  private final Map<Integer, DiskStatus> disks = new TreeMap<>();
  private final ReplicaMap replicas = new ReplicaMap(view, fleet, clock, Duration.ofSeconds(20));
  private final Repairs repairs =
      new Repairs(RepairSettings.defaults(), fleet, replicas, view, clock, new Random(3));

  private void server(int id, String zone, int percentFree) {
    DiskStatus disk =
        DiskStatus.newBuilder()
            .setPath("/d" + id)
            .setTotalBytes(DISK)
            .setFreeBytes(DISK / 100 * percentFree)
            .build();
    disks.put(id, disk);
    fleet.registered(row(id, zone).build(), List.of(disk), 0, clock.ticks);
    fleet.reported(id);
  }

  private static ChunkServer.Builder row(int id, String zone) {
    return ChunkServer.newBuilder()
        .setId(id)
        .setHost("127.0.0.1")
        .setDataPort(7000 + id)
        .setZone(zone);
  }

  private void chunk(long id, int... servers) {
    for (int server : servers) {
      replicas.reported(id, server, 2);
    }
  }

  /** Time passes in which all servers are heard of, and then all is surveyed. */
  private void survey() {
    clock.ticks += Duration.ofSeconds(11).toNanos();
    disks.forEach(
        (id, disk) -> assertTrue(fleet.heard(id, List.of(disk), 0, 0, clock.ticks), "dead " + id));
    repairs.survey();
  }

  /** The chunks a server is ordered to copy, which has none of the orders it had before. */
  private List<Long> ordered(int server) {
    List<Long> chunks = new ArrayList<>();
    for (CopyOrder order : repairs.orders(server, List.of())) {
      order.getChunksList().stream().map(ChunkCopy::getChunkId).forEach(chunks::add);
    }
    return chunks;
  }

  @Test
  void aChunkThatShouldMove_isFoundInTime_amongManyForWhichNoMoveHelps() {
    server(1, "", 50);
    server(2, "", 50);
    server(3, "", 20);
    server(4, "", 50);
    int many = 200_000;
    for (long id = 1; id <= many; id++) {
      chunk(id, 1, 2);
    }
    chunk(many + 1, 1, 3);
    List<Long> moved = new ArrayList<>();
    for (int surveys = 0; moved.isEmpty(); surveys++) {
      assertTrue(surveys < 8, "it is not found");
      survey();
      moved.addAll(ordered(2));
      moved.addAll(ordered(4));
    }
    assertEquals(List.of(many + 1L), moved);
  }

  @Test
  void nothingMoves_whileOneChunkLacksAReplica() {
    server(1, "", 50);
    server(2, "", 10);
    server(3, "", 90);
    chunk(1, 2);
    for (long id = 2; id <= 1000; id++) {
      chunk(id, 1, 2);
    }
    for (int surveys = 0; surveys < 5; surveys++) {
      survey();
      List<Long> chunks = ordered(1);
      chunks.addAll(ordered(3));
      assertTrue(List.of(1L).containsAll(chunks), "ordered: " + chunks);
    }
  }

  @Test
  void chunksWhoseTargetIsBusy_costNoReads() {
    server(1, "", 50);
    server(2, "", 50);
    for (long id = 1; id <= 20_000; id++) {
      chunk(id, 1);
    }
    survey();
    // Server 1 has nothing to do, and is no target for what it holds.
    tables.reads = 0;
    assertEquals(List.of(), ordered(1));
    assertEquals(0, tables.reads);
  }

  @Test
  void aServerWithoutRoom_costsNoReads_andTheStatusSaysWhatIsWaitedFor() {
    server(1, "", 50);
    server(2, "", 0);
    for (long id = 1; id <= 5_000; id++) {
      chunk(id, 1);
    }
    survey();
    assertEquals(List.of(), ordered(2));
    assertEquals(0, tables.reads);
    assertEquals(
        "no chunk server without a replica of them has room: add disks or chunk servers",
        repairs.progress().waits());
  }

  @Test
  void chunksThatWaitForAnotherZone_areTriedSomeAtATime_andHoldUpNoOthers() {
    server(1, "a", 50);
    server(2, "b", 50);
    server(3, "a", 50);
    for (long id = 1; id <= 20_000; id++) {
      chunk(id, 1);
    }
    // All but these go to zone b, where server 2 has all the orders it may have.
    for (long id = 20_001; id <= 20_100; id++) {
      chunk(id, 2);
    }
    survey();
    List<Long> first = ordered(2);
    assertTrue(!first.isEmpty() && first.size() < 10, "ordered: " + first);
    List<Long> toA = new ArrayList<>();
    for (int heartbeats = 0; toA.isEmpty(); heartbeats++) {
      assertTrue(heartbeats < 100, "they are held up");
      tables.reads = 0;
      toA.addAll(ordered(3));
      assertTrue(tables.reads < 600, tables.reads + " reads");
    }
    assertTrue(toA.stream().allMatch(id -> id > 20_000), "ordered: " + toA);
  }

  private void maintain(int id, long until) {
    fleet.changed(row(id, "").setMaintenanceUntil(until).build());
  }

  /** Servers fall silent, and count as dead. */
  private void lose(int... servers) {
    for (int server : servers) {
      disks.remove(server);
    }
    clock.ticks += Duration.ofSeconds(11).toNanos();
    disks.forEach(
        (id, disk) -> assertTrue(fleet.heard(id, List.of(disk), 0, 0, clock.ticks), "dead " + id));
    fleet.buryTheSilent(clock.ticks);
  }

  private List<Long> orderedByAll() {
    List<Long> all = new ArrayList<>();
    disks.keySet().forEach(id -> all.addAll(ordered(id)));
    return all;
  }

  @Test
  void maintainedServer_whileAway_causesNoCopies_andAfterItsTimeDoes() {
    server(1, "", 50);
    server(2, "", 50);
    server(3, "", 50);
    chunk(1, 1, 2);
    chunk(2, 2, 3);
    maintain(2, Duration.ofMinutes(30).toNanos());
    lose(2);
    survey();
    assertEquals(List.of(), orderedByAll());
    assertEquals(2, repairs.progress().awaited());
    assertEquals(List.of(), fleet.endMaintenance(Duration.ofMinutes(29).toNanos()));
    assertEquals(List.of(2), fleet.endMaintenance(Duration.ofMinutes(30).toNanos()));
    survey();
    assertEquals(0, repairs.progress().awaited());
    assertEquals(List.of(1L, 2L), orderedByAll().stream().sorted().toList());
  }

  @Test
  void maintainedServer_doesNotDelayCopiesOfWhatAnotherServerLost() {
    for (int id = 1; id <= 5; id++) {
      server(id, "", 50);
    }
    // Chunk 1 loses a maintained and another replica, chunk 2 the maintained one alone.
    List.of(1, 2, 3).forEach(server -> replicas.reported(1, server, 3));
    List.of(1, 3, 4).forEach(server -> replicas.reported(2, server, 3));
    maintain(1, Duration.ofMinutes(30).toNanos());
    lose(1, 2);
    tables.replicas = 3;
    survey();
    assertEquals(List.of(1L), orderedByAll());
  }

  @Test
  void maintainedServer_thatWasAwayAtTheStartOfTheMaster_mayHoldAnyChunk() {
    server(1, "", 50);
    server(2, "", 50);
    Fleet.Maintained away = new Fleet.Maintained(new BitSet(), 1);
    chunk(7, 1);
    assertEquals(1, new Absence(away, replicas).replicas(7));
    assertEquals(0, Absence.none(replicas).replicas(7));
  }

  @Test
  void maintainedServer_getsNoCopies() {
    server(1, "", 50);
    server(2, "", 50);
    server(3, "", 50);
    maintain(2, Duration.ofMinutes(30).toNanos());
    for (long id = 1; id <= 20; id++) {
      chunk(id, 1);
    }
    survey();
    assertEquals(List.of(), ordered(2));
    assertTrue(!ordered(3).isEmpty());
  }
}
