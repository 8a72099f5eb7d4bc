package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.BadReplica;
import dev.cairn.rpc.proto.ChunkGrant;
import dev.cairn.rpc.proto.ChunkReport;
import dev.cairn.rpc.proto.ChunkReportReply;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.GetAttributesRequest;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.HeartbeatRequest;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.OpenSessionReply;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.RegisterRequest;
import dev.cairn.rpc.proto.RemoveRequest;
import dev.cairn.rpc.proto.ReportBadReplicaRequest;
import dev.cairn.rpc.proto.ServerAddress;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sessions, chunk servers and chunks as time passes. */
@Timeout(120)
final class ClusterLifeTest {

  private final ManualTime time = new ManualTime();

  @TempDir Path data;

  private long heartbeats;

  private static GetStatusReply status(RunningMaster master) {
    return master.cluster.getStatus(GetStatusRequest.getDefaultInstance());
  }

  private static void remove(RunningMaster master, String name) {
    var unused =
        master.names.remove(
            RemoveRequest.newBuilder()
                .setContext(master.next())
                .setParent(RunningMaster.ROOT)
                .setName(ByteString.copyFromUtf8(name))
                .build());
  }

  private void keepAlive(RunningMaster master, long... closed) {
    KeepAliveRequest.Builder request =
        KeepAliveRequest.newBuilder()
            .setSessionId(master.session().getSessionId())
            .setEpoch(master.session().getEpoch())
            .setNumber(++heartbeats);
    for (long inode : closed) {
      request.addClosedInodes(inode);
    }
    var unused = master.sessions.keepAlive(request.build());
  }

  @Test
  void aSilentSession_expiresAndIsRefusedFromThenOn() {
    try (RunningMaster master = RunningMaster.start(data, time)) {
      long file = master.create(RunningMaster.ROOT, "f", FileType.REGULAR);
      time.pass(Duration.ofSeconds(19));
      keepAlive(master);
      time.pass(Duration.ofSeconds(19));
      keepAlive(master);
      time.pass(Duration.ofSeconds(21));
      Eventually.equals(0, () -> status(master).getSessionsCount());
      assertEquals(
          ErrorCode.SESSION_EXPIRED,
          RunningMaster.refusal(() -> MasterTest.open(master, file)).code());
      assertEquals(
          ErrorCode.SESSION_EXPIRED,
          RunningMaster.refusal(() -> MasterTest.grant(master, 1)).code());
    }
  }

  @Test
  void aRemovedFileThatIsOpen_staysUntilItIsClosed() {
    try (RunningMaster master = RunningMaster.start(data, time)) {
      long file = master.create(RunningMaster.ROOT, "f", FileType.REGULAR);
      MasterTest.open(master, file);
      long other = master.create(RunningMaster.ROOT, "g", FileType.REGULAR);
      remove(master, "f");
      remove(master, "g");
      // The other one goes, so the reaper has been there.
      Eventually.equals(2L, () -> status(master).getInodes());
      assertEquals(0, MasterTest.open(master, file).getAttributes().getLinks());
      assertEquals(
          ErrorCode.STALE, RunningMaster.refusal(() -> MasterTest.open(master, other)).code());
      keepAlive(master, file);
      Eventually.equals(1L, () -> status(master).getInodes());
      assertEquals(
          ErrorCode.STALE,
          RunningMaster.refusal(
                  () ->
                      master.names.getAttributes(
                          GetAttributesRequest.newBuilder().setInode(file).build()))
              .code());
    }
  }

  @Test
  void afterARestart_anOrphanStaysWhileNobodyKnowsWhoHasItOpen() {
    long file;
    OpenSessionReply session;
    try (RunningMaster master = RunningMaster.start(data, time)) {
      file = master.create(RunningMaster.ROOT, "f", FileType.REGULAR);
      MasterTest.open(master, file);
      remove(master, "f");
      session = master.session();
    }
    try (RunningMaster master = RunningMaster.start(data, time)) {
      master.create(RunningMaster.ROOT, "g", FileType.REGULAR);
      remove(master, "g");
      assertEquals(3, status(master).getInodes());
      var unused =
          master.sessions.keepAlive(
              KeepAliveRequest.newBuilder()
                  .setSessionId(session.getSessionId())
                  .setEpoch(session.getEpoch())
                  .addOpenInodes(file)
                  .setOpenInodesComplete(true)
                  .setMasterIncarnation(master.session().getMasterIncarnation())
                  .build());
      Eventually.equals(2L, () -> status(master).getInodes());
      time.pass(Duration.ofSeconds(21));
      Eventually.equals(1L, () -> status(master).getInodes());
    }
  }

  @Test
  void aSilentServer_isDeadUntilItRegistersAgain() throws Exception {
    try (RunningMaster master = RunningMaster.start(data, time)) {
      RegisterReply one = master.join("uuid-1", 7001);
      RegisterReply two = master.join("uuid-2", 7002);
      long file = master.create(RunningMaster.ROOT, "f", FileType.REGULAR);
      ChunkGrant grant = MasterTest.grant(master, 1);
      MasterTest.commit(master, file, grant, 10);
      assertEquals(0, status(master).getUnderReplicatedChunks());

      time.pass(Duration.ofSeconds(6));
      assertFalse(master.heartbeat(one, List.of()).getRegisterAgain());
      keepAlive(master);
      time.pass(Duration.ofSeconds(6));
      Eventually.equals(1, () -> MasterTest.grant(master, 1).getChainCount());
      assertEquals(
          List.of(one.getServerId()),
          MasterTest.open(master, file).getMap().getLocations(0).getServerIdsList());
      time.pass(Duration.ofSeconds(1));
      assertEquals(1, status(master).getUnderReplicatedChunks());
      assertEquals(0, status(master).getMissingChunks());

      assertTrue(master.heartbeat(two, List.of()).getRegisterAgain());
      master.join("uuid-2", 7002, MasterTest.replica(grant.getFirstChunkId(), 10));
      time.pass(Duration.ofSeconds(1));
      assertEquals(0, status(master).getUnderReplicatedChunks());
      assertFalse(master.heartbeat(one, List.of()).getRegisterAgain());
      assertEquals(2, MasterTest.grant(master, 1).getChainCount());
    }
  }

  @Test
  void aServerWhoseReportTakesLong_livesOn() throws Exception {
    try (RunningMaster master = RunningMaster.start(data, time)) {
      RegisterReply reporting = master.register("uuid-1", 7001);
      RegisterReply silent = master.join("uuid-2", 7002);
      ChunkReport.Builder page =
          ChunkReport.newBuilder()
              .setServerId(reporting.getServerId())
              .setMasterIncarnation(reporting.getMasterIncarnation());
      CompletableFuture<ChunkReportReply> done = new CompletableFuture<>();
      StreamObserver<ChunkReport> pages = master.reporting(done);
      time.pass(Duration.ofSeconds(6));
      pages.onNext(page.clone().addChunks(MasterTest.replica(1, 10)).build());
      Eventually.equals(0L, () -> server(master, reporting).getSilentMillis());
      time.pass(Duration.ofSeconds(6));
      Eventually.equals(false, () -> server(master, silent).getAlive());
      assertTrue(server(master, reporting).getAlive());
      pages.onNext(page.setLast(true).build());
      pages.onCompleted();
      ChunkReportReply unused = done.get(10, TimeUnit.SECONDS);
    }
  }

  private static ChunkServerStatus server(RunningMaster master, RegisterReply registered) {
    return status(master).getServersList().stream()
        .filter(server -> server.getServerId() == registered.getServerId())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aReplicaThatIsTooShort_isNone() throws Exception {
    try (RunningMaster master = RunningMaster.start(data, time)) {
      master.join("uuid-1", 7001);
      long file = master.create(RunningMaster.ROOT, "f", FileType.REGULAR);
      ChunkGrant grant = MasterTest.grant(master, 1);
      MasterTest.commit(master, file, grant, 10);
      master.join("uuid-1", 7001, MasterTest.replica(grant.getFirstChunkId(), 9));
      assertEquals(0, MasterTest.open(master, file).getMap().getLocations(0).getServerIdsCount());
      assertEquals(1, status(master).getMissingChunks());
    }
  }

  @Test
  void chunksOfARemovedFile_areDeletedAfterTheHoldAndThenForgotten() throws Exception {
    try (RunningMaster master = RunningMaster.start(data, time)) {
      RegisterReply server = master.join("uuid-1", 7001);
      long file = master.create(RunningMaster.ROOT, "f", FileType.REGULAR);
      long chunk = MasterTest.grant(master, 1).getFirstChunkId();
      ChunkGrant grant =
          ChunkGrant.newBuilder()
              .setFirstChunkId(chunk)
              .addChain(ServerAddress.newBuilder().setServerId(server.getServerId()))
              .build();
      MasterTest.commit(master, file, grant, 10);
      remove(master, "f");
      Eventually.equals(1L, () -> status(master).getGarbageChunks());
      assertEquals(0, status(master).getChunks());
      assertEquals(List.of(), master.heartbeat(server, List.of()).getDeleteChunksList());
      time.pass(RunningMaster.GARBAGE_HOLD.minusSeconds(11));
      master.join("uuid-1", 7001, MasterTest.replica(chunk, 10));
      time.pass(Duration.ofSeconds(9));
      assertFalse(master.heartbeat(server, List.of()).getRegisterAgain());
      time.pass(Duration.ofSeconds(3));
      Eventually.equals(
          List.of(chunk), () -> master.heartbeat(server, List.of()).getDeleteChunksList());
      assertEquals(List.of(), master.heartbeat(server, List.of(chunk)).getDeleteChunksList());
      Eventually.equals(0L, () -> status(master).getGarbageChunks());
    }
  }

  @Test
  void aReportedChunkThatNobodyMayCommit_becomesGarbage() throws Exception {
    try (RunningMaster master = RunningMaster.start(data, time)) {
      master.join("uuid-1", 7001);
      long granted = MasterTest.grant(master, 1).getFirstChunkId();
      long stray = granted + 1000;
      master.join("uuid-1", 7001, MasterTest.replica(granted, 5), MasterTest.replica(stray, 5));
      Eventually.equals(1L, () -> status(master).getGarbageChunks());
    }
  }

  @Test
  void aBadReplica_isLeftOutWhileThereIsAnotherAndShownAlsoAfterARestart() throws Exception {
    try (RunningMaster master = RunningMaster.start(data, time)) {
      RegisterReply one = master.join("uuid-1", 7001);
      RegisterReply two = master.join("uuid-2", 7002);
      long file = master.create(RunningMaster.ROOT, "f", FileType.REGULAR);
      ChunkGrant grant = MasterTest.grant(master, 1);
      MasterTest.commit(master, file, grant, 10);
      HeartbeatRequest damage =
          beat(one)
              .addBadReplicas(
                  BadReplica.newBuilder()
                      .setChunkId(grant.getFirstChunkId())
                      .setReason("block 0 does not match its checksum"))
              .build();
      for (int i = 0; i < 2; i++) {
        HeartbeatReply unused = master.servers.heartbeat(damage);
      }
      assertEquals(List.of(two.getServerId()), locations(master, file));
      assertEquals(1, status(master).getUnderReplicatedChunks());
    }
    try (RunningMaster master = RunningMaster.start(data, time)) {
      assertEquals(1, status(master).getBadReplicasCount());
      assertEquals(7001, status(master).getBadReplicas(0).getDataPort());
      assertEquals(
          "block 0 does not match its checksum", status(master).getBadReplicas(0).getReason());
      // By now it may be well: the server looks, once.
      RegisterReply one = master.join("uuid-1", 7001);
      HeartbeatReply asked = master.heartbeat(one, List.of());
      HeartbeatReply unused =
          master.servers.heartbeat(
              beat(one).addAllVerifiedChunks(asked.getVerifyChunksList()).build());
      Eventually.equals(0, () -> status(master).getBadReplicasCount());
    }
  }

  private static HeartbeatRequest.Builder beat(RegisterReply server) {
    return HeartbeatRequest.newBuilder()
        .setServerId(server.getServerId())
        .setMasterIncarnation(server.getMasterIncarnation())
        .addDisks(RunningMaster.disk());
  }

  private static List<Integer> locations(RunningMaster master, long file) {
    return MasterTest.open(master, file).getMap().getLocations(0).getServerIdsList();
  }

  private static ReportBadReplicaRequest.Builder report(
      RunningMaster master, long chunk, RegisterReply server) {
    return ReportBadReplicaRequest.newBuilder()
        .setSessionId(master.session().getSessionId())
        .setEpoch(master.session().getEpoch())
        .setChunkId(chunk)
        .setServerId(server.getServerId())
        .setReason("block 0 does not match its checksum")
        .setCorrupt(true);
  }

  @Test
  void aReplicaThatAClientCallsBad_isAskedLast_untilItsServerHasReadIt() throws Exception {
    try (RunningMaster master = RunningMaster.start(data, time)) {
      RegisterReply one = master.join("uuid-1", 7001);
      RegisterReply two = master.join("uuid-2", 7002);
      long file = master.create(RunningMaster.ROOT, "f", FileType.REGULAR);
      long chunk = MasterTest.grant(master, 1).getFirstChunkId();
      ChunkGrant grant =
          ChunkGrant.newBuilder()
              .setFirstChunkId(chunk)
              .addChain(ServerAddress.newBuilder().setServerId(one.getServerId()))
              .addChain(ServerAddress.newBuilder().setServerId(two.getServerId()))
              .build();
      MasterTest.commit(master, file, grant, 10);
      for (RegisterReply server : List.of(one, two)) {
        RegisterReply other = server.equals(one) ? two : one;
        var unused = master.files.reportBadReplica(report(master, chunk, server).build());
        assertEquals(List.of(other.getServerId(), server.getServerId()), locations(master, file));
        assertEquals(0, status(master).getBadReplicasCount());
        assertEquals(0, status(master).getUnderReplicatedChunks());
        assertEquals(1, status(master).getSuspectReplicasCount());
        HeartbeatReply asked = master.heartbeat(server, List.of());
        assertEquals(List.of(chunk), asked.getVerifyChunksList());
        HeartbeatRequest well = beat(server).addVerifiedChunks(chunk).build();
        assertEquals(0, master.servers.heartbeat(well).getVerifyChunksCount());
        assertEquals(0, status(master).getSuspectReplicasCount());
      }
      var unused = master.files.reportBadReplica(report(master, chunk, one).build());
      HeartbeatReply told =
          master.servers.heartbeat(
              beat(one)
                  .addBadReplicas(BadReplica.newBuilder().setChunkId(chunk).setReason("block 0"))
                  .build());
      assertEquals(0, told.getVerifyChunksCount());
      assertEquals(1, status(master).getBadReplicasCount());
      assertEquals(0, status(master).getSuspectReplicasCount());
    }
  }

  @Test
  void aWordAgainstAReplica_isRefusedOfAStranger_andOfOneThatIsNotThere() throws Exception {
    try (RunningMaster master = RunningMaster.start(data, time)) {
      RegisterReply one = master.join("uuid-1", 7001);
      RegisterReply unusedTwo = master.join("uuid-2", 7002);
      long file = master.create(RunningMaster.ROOT, "f", FileType.REGULAR);
      ChunkGrant grant = MasterTest.grant(master, 1);
      MasterTest.commit(master, file, grant, 10);
      long chunk = grant.getFirstChunkId();
      ReportBadReplicaRequest.Builder stranger = report(master, chunk, one).setEpoch(1);
      assertEquals(ErrorCode.SESSION_EXPIRED, refusal(master, stranger));
      assertEquals(ErrorCode.SESSION_EXPIRED, refusal(master, stranger.setSessionId(-5)));
      assertEquals(ErrorCode.NO_CHUNK, refusal(master, report(master, chunk + 1, one)));
      assertEquals(ErrorCode.NO_CHUNK, refusal(master, report(master, chunk, one).setServerId(77)));
      assertEquals(0, status(master).getSuspectReplicasCount());
      assertEquals(0, status(master).getBadReplicasCount());
    }
  }

  private static ErrorCode refusal(RunningMaster master, ReportBadReplicaRequest.Builder report) {
    return RunningMaster.refusal(() -> master.files.reportBadReplica(report.build())).code();
  }

  @Test
  void withoutServers_allocationIsRefused() {
    try (RunningMaster master = RunningMaster.start(data, time)) {
      assertEquals(
          ErrorCode.NO_SERVERS, RunningMaster.refusal(() -> MasterTest.grant(master, 1)).code());
      assertEquals(
          ErrorCode.INVALID,
          RunningMaster.refusal(
                  () ->
                      master.files.allocateChunks(
                          AllocateChunksRequest.newBuilder()
                              .setContext(master.next())
                              .setCount(0)
                              .build()))
              .code());
    }
  }

  @Test
  void aServerOfAnotherCluster_isRefused() {
    try (RunningMaster master = RunningMaster.start(data, time)) {
      assertEquals(
          ErrorCode.OTHER_CLUSTER,
          RunningMaster.refusal(
                  () ->
                      master.servers.register(
                          RegisterRequest.newBuilder()
                              .setServerUuid("u")
                              .setHost("h")
                              .setClusterId("another")
                              .build()))
              .code());
    }
  }
}
