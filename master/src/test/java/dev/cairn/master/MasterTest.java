package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.ChunkGrant;
import dev.cairn.rpc.proto.ChunkReplica;
import dev.cairn.rpc.proto.CommitReply;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.EntryReply;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.ForceRequest;
import dev.cairn.rpc.proto.LookupRequest;
import dev.cairn.rpc.proto.OpenReply;
import dev.cairn.rpc.proto.OpenRequest;
import dev.cairn.rpc.proto.ReadDirectoryReply;
import dev.cairn.rpc.proto.ReadDirectoryRequest;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.WrittenChunk;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The services over their wire, on real tables. */
@Timeout(60)
final class MasterTest {

  @TempDir Path data;

  @Test
  void aFileThatIsWritten_canBeOpenedAndFoundWithItsLocations() throws Exception {
    try (RunningMaster master = RunningMaster.start(data, Time.system())) {
      RegisterReply one = master.join("uuid-1", 7001);
      RegisterReply two = master.join("uuid-2", 7002);
      long file = master.create(RunningMaster.ROOT, "f", FileType.REGULAR);
      ChunkGrant grant = grant(master, 1);
      assertEquals(2, grant.getChainCount());
      CommitReply committed = commit(master, file, grant, 1000);
      assertEquals(1000, committed.getAttributes().getSize());
      assertEquals(1000, committed.getAttributes().getAllocated());
      master.files.force(
          ForceRequest.newBuilder()
              .setSessionId(master.session().getSessionId())
              .setEpoch(master.session().getEpoch())
              .build());

      OpenReply opened = open(master, file);
      assertEquals(1, opened.getMap().getExtentsCount());
      assertEquals(-1, opened.getMap().getCompleteTo());
      List<Integer> servers = opened.getMap().getLocations(0).getServerIdsList();
      assertEquals(2, servers.size());
      assertTrue(servers.contains(one.getServerId()) && servers.contains(two.getServerId()));
      assertFalse(master.heartbeat(one, List.of()).getRegisterAgain());
    }
  }

  @Test
  void afterARestart_everythingAnsweredIsThere() throws Exception {
    long file;
    ChunkGrant grant;
    try (RunningMaster master = RunningMaster.start(data, Time.system())) {
      master.join("uuid-1", 7001);
      file = master.create(RunningMaster.ROOT, "f", FileType.REGULAR);
      grant = grant(master, 1);
      commit(master, file, grant, 10);
    }
    try (RunningMaster master = RunningMaster.start(data, Time.system())) {
      RegisterReply again = master.join("uuid-1", 7001, replica(grant.getFirstChunkId(), 10));
      assertEquals(grant.getChain(0).getServerId(), again.getServerId());
      OpenReply opened = open(master, file);
      assertEquals(10, opened.getAttributes().getSize());
      assertEquals(
          List.of(again.getServerId()), opened.getMap().getLocations(0).getServerIdsList());
      ReadDirectoryReply listed =
          master.names.readDirectory(
              ReadDirectoryRequest.newBuilder()
                  .setInode(RunningMaster.ROOT)
                  .setWithAttributes(true)
                  .build());
      assertTrue(listed.getEnd());
      assertEquals(file, listed.getEntries(0).getAttributes().getInode());
      assertNotEquals(grant.getFirstChunkId(), grant(master, 1).getFirstChunkId());
    }
  }

  @Test
  void aRepeatedRequest_isAnsweredAndNotDoneAgain() throws Exception {
    try (RunningMaster master = RunningMaster.start(data, Time.system())) {
      CreateRequest request =
          CreateRequest.newBuilder()
              .setContext(master.next())
              .setParent(RunningMaster.ROOT)
              .setName(ByteString.copyFromUtf8("f"))
              .setType(FileType.REGULAR)
              .setExclusive(true)
              .build();
      EntryReply first = master.names.create(request);
      assertEquals(first, master.names.create(request));
      CreateRequest another = request.toBuilder().setContext(master.next()).build();
      assertEquals(
          ErrorCode.EXISTS, RunningMaster.refusal(() -> master.names.create(another)).code());
    }
  }

  @Test
  void anUnknownSession_isRefusedAsExpired() throws Exception {
    try (RunningMaster master = RunningMaster.start(data, Time.system())) {
      CreateRequest request =
          CreateRequest.newBuilder()
              .setContext(master.next().toBuilder().setSessionId(99))
              .setParent(RunningMaster.ROOT)
              .setName(ByteString.copyFromUtf8("f"))
              .setType(FileType.REGULAR)
              .build();
      assertEquals(
          ErrorCode.SESSION_EXPIRED,
          RunningMaster.refusal(() -> master.names.create(request)).code());
      assertEquals(
          ErrorCode.NO_ENTRY,
          RunningMaster.refusal(
                  () ->
                      master.names.lookup(
                          LookupRequest.newBuilder()
                              .setParent(RunningMaster.ROOT)
                              .setName(ByteString.copyFromUtf8("f"))
                              .build()))
              .code());
    }
  }

  static ChunkReplica replica(long chunk, long length) {
    return ChunkReplica.newBuilder().setChunkId(chunk).setLength(length).setSealed(true).build();
  }

  static OpenReply open(RunningMaster master, long inode) {
    return master.files.open(
        OpenRequest.newBuilder()
            .setSessionId(master.session().getSessionId())
            .setEpoch(master.session().getEpoch())
            .setInode(inode)
            .build());
  }

  static ChunkGrant grant(RunningMaster master, int count) {
    return master
        .files
        .allocateChunks(
            AllocateChunksRequest.newBuilder()
                .setContext(master.next())
                .setReplicas(2)
                .setCount(count)
                .build())
        .getGrant();
  }

  /** Commits the first chunk of the grant as the beginning of the file. */
  static CommitReply commit(RunningMaster master, long inode, ChunkGrant grant, int length) {
    WrittenChunk.Builder chunk =
        WrittenChunk.newBuilder()
            .setChunkId(grant.getFirstChunkId())
            .setLength(length)
            .setSealed(true)
            .setReplicas(2);
    grant.getChainList().forEach(server -> chunk.addServerIds(server.getServerId()));
    return master.files.commit(
        CommitRequest.newBuilder()
            .setContext(master.next())
            .setInode(inode)
            .addExtents(Extent.newBuilder().setLength(length).setChunkId(grant.getFirstChunkId()))
            .addChunks(chunk)
            .setSizeAtLeast(length)
            .build());
  }
}
