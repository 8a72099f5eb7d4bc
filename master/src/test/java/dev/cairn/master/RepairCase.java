package dev.cairn.master;

import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.ChunkGrant;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CopyOrder;
import dev.cairn.rpc.proto.CopyResult;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.HeartbeatRequest;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.WrittenChunk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A master with three chunk servers that a test speaks for, and a file. */
@Timeout(120)
abstract class RepairCase {

  final ManualTime time = new ManualTime();

  @TempDir Path data;
  RunningMaster master;
  final List<RegisterReply> servers = new ArrayList<>();
  // The numbers of the last answers that servers took by beating for themselves.
  final Map<Integer, Long> settled = new HashMap<>();
  long file;

  @BeforeEach
  void start() throws Exception {
    master = startMaster();
    for (int i = 1; i <= 3; i++) {
      servers.add(master.join("uuid-" + i, 7000 + i));
    }
    file = master.create(RunningMaster.ROOT, "f", FileType.REGULAR);
  }

  RunningMaster startMaster() {
    return RunningMaster.start(data, time);
  }

  @AfterEach
  void stop() {
    master.close();
  }

  GetStatusReply status() {
    return master.cluster.getStatus(GetStatusRequest.getDefaultInstance());
  }

  /** A chunk that may be written to any of the servers. */
  ChunkGrant grant() {
    return master
        .files
        .allocateChunks(
            AllocateChunksRequest.newBuilder()
                .setContext(master.next())
                .setReplicas(servers.size())
                .setCount(1)
                .build())
        .getGrant();
  }

  /** Commits the only chunk of the file, as so long, on those servers. */
  void commit(long chunk, int length, boolean sealed, int... on) {
    var unused = master.files.commit(request(chunk, length, sealed, on));
  }

  /** The next request of the client: to commit the only chunk of the file. */
  CommitRequest request(long chunk, int length, boolean sealed, int... on) {
    WrittenChunk.Builder written =
        WrittenChunk.newBuilder()
            .setChunkId(chunk)
            .setLength(length)
            .setSealed(sealed)
            .setReplicas(2);
    for (int server : on) {
      written.addServerIds(server);
    }
    return CommitRequest.newBuilder()
        .setContext(master.next())
        .setInode(file)
        .addExtents(Extent.newBuilder().setLength(length).setChunkId(chunk))
        .addChunks(written)
        .setSizeAtLeast(length)
        .build();
  }

  HeartbeatRequest.Builder heartbeat(int server) {
    RegisterReply registered = servers.get(server - 1);
    return HeartbeatRequest.newBuilder()
        .setServerId(registered.getServerId())
        .setMasterIncarnation(registered.getMasterIncarnation())
        .setSettledAnswer(settled.getOrDefault(server, 0L))
        .addDisks(RunningMaster.disk());
  }

  HeartbeatReply beat(int server, List<CopyResult> results, List<Long> copying) {
    HeartbeatReply reply =
        master.servers.heartbeat(
            heartbeat(server).addAllCopied(results).addAllCopying(copying).build());
    settled.put(server, reply.getAnswer());
    return reply;
  }

  /** Lets time pass with only these servers beating. */
  void pass(long seconds, int... living) {
    for (int i = 0; i < seconds; i++) {
      time.pass(Duration.ofSeconds(1));
      var unused =
          master.sessions.keepAlive(
              KeepAliveRequest.newBuilder()
                  .setSessionId(master.session().getSessionId())
                  .setEpoch(master.session().getEpoch())
                  .build());
      for (int server : living) {
        HeartbeatReply unusedReply = master.heartbeat(servers.get(server - 1), List.of());
      }
    }
  }

  /** What the server is ordered; only server 1 beats meanwhile. */
  List<CopyOrder> ordered(int server) {
    return ordered(server, 1);
  }

  /** What the server is ordered, with these beating meanwhile. */
  List<CopyOrder> ordered(int server, int... living) {
    List<CopyOrder> orders = new ArrayList<>();
    Eventually.equals(
        true,
        () -> {
          pass(1, living);
          orders.addAll(beat(server, List.of(), List.of()).getCopiesList());
          return !orders.isEmpty();
        });
    return orders;
  }

  static CopyResult copied(long chunk, int length) {
    return CopyResult.newBuilder().setChunkId(chunk).setLength(length).build();
  }

  List<Integer> locations() {
    return MasterTest.open(master, file).getMap().getLocations(0).getServerIdsList().stream()
        .sorted()
        .toList();
  }
}
