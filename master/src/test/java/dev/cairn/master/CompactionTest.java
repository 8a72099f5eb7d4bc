package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.proto.BuildOrder;
import dev.cairn.rpc.proto.ChunkPart;
import dev.cairn.rpc.proto.ChunkReplica;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CopyResult;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.HeartbeatRequest;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.OpenReply;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.WrittenChunk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How new chunks are ordered, and what becomes of them. */
@Timeout(120)
final class CompactionTest {

  private static final int LENGTH = 100_000;
  private static final int HIDDEN = 90_000;

  private final ManualTime time = new ManualTime();

  @TempDir Path data;
  private RunningMaster master;
  private final List<RegisterReply> servers = new ArrayList<>();
  private final Map<Integer, List<Long>> toDelete = new TreeMap<>();
  private final List<Long> aside = new ArrayList<>();
  private long file;
  private long wasteful;
  private long over;

  @BeforeEach
  void makeAChunkThatIsMostlyDead() throws Exception {
    master = RunningMaster.start(data, time);
    for (int i = 1; i <= 2; i++) {
      servers.add(master.join("uuid-" + i, 7000 + i));
    }
    file = master.create(RunningMaster.ROOT, "f", FileType.REGULAR);
    wasteful = MasterTest.grant(master, 2).getFirstChunkId();
    over = wasteful + 1;
    write(wasteful, 0, LENGTH);
    write(over, 0, HIDDEN);
  }

  @AfterEach
  void stop() {
    master.close();
  }

  private void write(long chunk, long offset, int length) {
    var unused =
        master.files.commit(
            CommitRequest.newBuilder()
                .setContext(master.next())
                .setInode(file)
                .addExtents(
                    Extent.newBuilder().setFileOffset(offset).setLength(length).setChunkId(chunk))
                .addChunks(
                    WrittenChunk.newBuilder()
                        .setChunkId(chunk)
                        .setLength(length)
                        .setSealed(true)
                        .setReplicas(2)
                        .addServerIds(1)
                        .addServerIds(2))
                .build());
  }

  private HeartbeatReply beat(int server, List<CopyResult> results, List<Long> building) {
    RegisterReply registered = servers.get(server - 1);
    HeartbeatReply reply =
        master.servers.heartbeat(
            HeartbeatRequest.newBuilder()
                .setServerId(registered.getServerId())
                .setMasterIncarnation(registered.getMasterIncarnation())
                .addDisks(RunningMaster.disk())
                .addAllCopied(results)
                .addAllCopying(building)
                .build());
    toDelete.computeIfAbsent(server, key -> new ArrayList<>()).addAll(reply.getDeleteChunksList());
    aside.addAll(reply.getQuarantineChunksList());
    return reply;
  }

  /** Lets time pass, and gathers what the servers are ordered meanwhile. */
  private Map<Integer, BuildOrder> pass(Duration duration) {
    return pass(duration, new TreeMap<>());
  }

  private Map<Integer, BuildOrder> pass(Duration duration, Map<Integer, BuildOrder> orders) {
    for (long seconds = 0; seconds < duration.toSeconds(); seconds += 5) {
      time.pass(Duration.ofSeconds(5));
      var unused =
          master.sessions.keepAlive(
              KeepAliveRequest.newBuilder()
                  .setSessionId(master.session().getSessionId())
                  .setEpoch(master.session().getEpoch())
                  .build());
      gather(orders);
    }
    return orders;
  }

  private void gather(Map<Integer, BuildOrder> orders) {
    for (int server = 1; server <= 2; server++) {
      List<Long> has =
          orders.containsKey(server) ? List.of(orders.get(server).getChunkId()) : List.of();
      for (BuildOrder order : beat(server, List.of(), has).getBuildsList()) {
        orders.put(server, order);
      }
    }
  }

  /** The order both servers get when the file has been left alone for long enough. */
  private BuildOrder ordered() {
    Map<Integer, BuildOrder> orders = pass(Duration.ofMinutes(5));
    Eventually.equals(2, () -> pass(Duration.ofSeconds(5), orders).size());
    assertEquals(orders.get(1).getChunkId(), orders.get(2).getChunkId());
    return orders.get(1);
  }

  private static List<CopyResult> built(BuildOrder order, int length) {
    return List.of(
        CopyResult.newBuilder()
            .setChunkId(order.getChunkId())
            .setLength(length)
            .setFailure(length == 0 ? "unreadable" : "")
            .build());
  }

  private static Extent extent(long offset, int length, long chunk, long chunkOffset) {
    return Extent.newBuilder()
        .setFileOffset(offset)
        .setLength(length)
        .setChunkId(chunk)
        .setChunkOffset(chunkOffset)
        .build();
  }

  private List<Extent> extents() {
    return MasterTest.open(master, file).getMap().getExtentsList();
  }

  private long garbage() {
    return master.cluster.getStatus(GetStatusRequest.getDefaultInstance()).getGarbageChunks();
  }

  @Test
  void liveBytesOfAMostlyDeadChunk_areRelocated_andNothingOfItShows() {
    final OpenReply before = MasterTest.open(master, file);
    BuildOrder order = ordered();
    assertEquals(
        List.of(
            ChunkPart.newBuilder()
                .setChunkId(wasteful)
                .setOffset(HIDDEN)
                .setLength(LENGTH - HIDDEN)
                .build()),
        order.getPartsList());
    assertEquals(wasteful, order.getLocations(0).getChunkId());
    assertEquals(2, order.getLocations(0).getServerIdsCount());
    var unused = beat(1, built(order, LENGTH - HIDDEN), List.of());
    assertEquals(before.getMap(), MasterTest.open(master, file).getMap());
    unused = beat(2, built(order, LENGTH - HIDDEN), List.of());
    Eventually.equals(
        List.of(extent(0, HIDDEN, over, 0), extent(HIDDEN, LENGTH - HIDDEN, order.getChunkId(), 0)),
        this::extents);
    OpenReply after = MasterTest.open(master, file);
    assertEquals(before.getAttributes(), after.getAttributes());
    assertEquals(2, after.getMap().getLocations(1).getServerIdsCount());
    Eventually.equals(1L, this::garbage);
    final Map<Integer, BuildOrder> more = pass(RunningMaster.GARBAGE_HOLD);
    Eventually.equals(
        true,
        () -> {
          var unusedOrders = pass(Duration.ofSeconds(5), more);
          return toDelete.get(1).contains(wasteful) && toDelete.get(2).contains(wasteful);
        });
    more.putAll(pass(Duration.ofMinutes(6)));
    assertEquals(Map.of(), more, "there is nothing more to do");
  }

  @Test
  void whatIsWrittenMeanwhile_stays() {
    BuildOrder order = ordered();
    long late = MasterTest.grant(master, 1).getFirstChunkId();
    write(late, 95_000, 1000);
    var unused = beat(1, built(order, LENGTH - HIDDEN), List.of());
    unused = beat(2, built(order, LENGTH - HIDDEN), List.of());
    Eventually.equals(
        List.of(
            extent(0, HIDDEN, over, 0),
            extent(HIDDEN, 5000, order.getChunkId(), 0),
            extent(95_000, 1000, late, 0),
            extent(96_000, 4000, order.getChunkId(), 6000)),
        this::extents);
  }

  @Test
  void chunkThatOneServerCannotPutTogether_isGarbage_andOrderedAnew() {
    BuildOrder order = ordered();
    final List<Extent> before = extents();
    var unused = beat(1, built(order, LENGTH - HIDDEN), List.of());
    unused = beat(2, built(order, 0), List.of());
    assertEquals(before, extents());
    Eventually.equals(1L, this::garbage);
    BuildOrder again = ordered();
    assertTrue(again.getChunkId() > order.getChunkId());
    Eventually.equals(
        true,
        () -> {
          var unusedOrders = pass(Duration.ofSeconds(5));
          return toDelete.get(1).contains(order.getChunkId());
        });
  }

  @Test
  void chunkOfAnOrderBeforeTheMastersRestart_isUnknown_andPutAside() throws Exception {
    BuildOrder order = ordered();
    final List<Extent> before = extents();
    master.close();
    master = RunningMaster.start(data, time);
    servers.clear();
    for (int i = 1; i <= 2; i++) {
      servers.add(master.join("uuid-" + i, 7000 + i, replica(wasteful), replica(over)));
    }
    var unused = beat(1, built(order, LENGTH - HIDDEN), List.of());
    Eventually.equals(1L, this::garbage);
    assertEquals(before, extents());
    assertTrue(MasterTest.grant(master, 1).getFirstChunkId() > order.getChunkId());
    Map<Integer, BuildOrder> more = pass(RunningMaster.GARBAGE_HOLD);
    Eventually.equals(
        true,
        () -> {
          var unusedOrders = pass(Duration.ofSeconds(5), more);
          return aside.contains(order.getChunkId());
        });
  }

  private static ChunkReplica replica(long chunk) {
    return ChunkReplica.newBuilder().setChunkId(chunk).setLength(LENGTH).setSealed(true).build();
  }
}
