package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.ChangeRangeRequest;
import dev.cairn.rpc.proto.ChunkGrant;
import dev.cairn.rpc.proto.ChunkServerServiceGrpc;
import dev.cairn.rpc.proto.CloneRangeRequest;
import dev.cairn.rpc.proto.ClusterServiceGrpc;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.FileServiceGrpc;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.HeartbeatRequest;
import dev.cairn.rpc.proto.LeaseServiceGrpc;
import dev.cairn.rpc.proto.LinkRequest;
import dev.cairn.rpc.proto.LockKind;
import dev.cairn.rpc.proto.LockMode;
import dev.cairn.rpc.proto.LockServiceGrpc;
import dev.cairn.rpc.proto.NamespaceServiceGrpc;
import dev.cairn.rpc.proto.OpenReply;
import dev.cairn.rpc.proto.OpenRequest;
import dev.cairn.rpc.proto.OpenSessionReply;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.RegisterRequest;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.SealRequest;
import dev.cairn.rpc.proto.SessionServiceGrpc;
import dev.cairn.rpc.proto.TrashServiceGrpc;
import dev.cairn.rpc.proto.WrittenChunk;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests with a value in each field that no honest client sends: the answer is a reply or an
 * error of ours, and another client's file, chunks and locks stay what they are.
 */
@Timeout(120)
final class HostileRequestsTest {

  private static final List<ServiceDescriptor> SERVICES =
      List.of(
          NamespaceServiceGrpc.getServiceDescriptor(),
          FileServiceGrpc.getServiceDescriptor(),
          LockServiceGrpc.getServiceDescriptor(),
          LeaseServiceGrpc.getServiceDescriptor(),
          TrashServiceGrpc.getServiceDescriptor(),
          SessionServiceGrpc.getServiceDescriptor(),
          ChunkServerServiceGrpc.getServiceDescriptor(),
          ClusterServiceGrpc.getServiceDescriptor());

  /** Questions that wait for what may never come. */
  private static final Set<String> WAITING = Set.of("cairn.LockService/AwaitLock");

  private static final long[] NUMBERS = {
    0, 1, 2, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE, -1, Long.MAX_VALUE, Long.MIN_VALUE
  };

  private static final List<ByteString> BYTES =
      List.of(
          ByteString.EMPTY,
          ByteString.copyFromUtf8("."),
          ByteString.copyFromUtf8(".."),
          ByteString.copyFromUtf8("a/b"),
          ByteString.copyFrom(new byte[] {'a', 0, 'b'}),
          ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) 0xfe}),
          ByteString.copyFrom(new byte[256]),
          ByteString.copyFromUtf8("x".repeat(60_000)));

  private static final List<String> TEXTS =
      List.of("", " ", "a b", "a\nb", "a\0b", "\u00e4", "x".repeat(60_000));

  private static final int LENGTH = 10;

  private final ManualTime time = new ManualTime();

  @TempDir Path data;
  private RunningMaster master;
  private RegisterReply server;
  private long file;
  private long chunk;
  private long open;
  private OpenSessionReply stranger;
  private long strangersSequence;
  private OpenReply before;

  @BeforeEach
  void start() throws Exception {
    master = RunningMaster.start(data, time);
    server = master.join("uuid-1", 7001);
    file = master.create(RunningMaster.ROOT, "honest", FileType.REGULAR);
    ChunkGrant grant = MasterTest.grant(master, 2);
    chunk = grant.getFirstChunkId();
    open = chunk + 1;
    commit(chunk, 0, true);
    commit(open, LENGTH, false);
    stranger = master.openSession("stranger");
    before = MasterTest.open(master, file);
  }

  @AfterEach
  void stop() {
    master.close();
  }

  private void commit(long id, long offset, boolean sealed) {
    var unused = master.files.commit(commit(master.next(), id, offset, LENGTH, sealed).build());
  }

  private CommitRequest.Builder commit(
      RequestContext context, long id, long offset, int length, boolean sealed) {
    return CommitRequest.newBuilder()
        .setContext(context)
        .setInode(file)
        .addExtents(Extent.newBuilder().setFileOffset(offset).setLength(length).setChunkId(id))
        .addChunks(
            WrittenChunk.newBuilder()
                .setChunkId(id)
                .setLength(length)
                .setSealed(sealed)
                .setReplicas(1)
                .addServerIds(server.getServerId()));
  }

  private RequestContext asStranger() {
    strangersSequence++;
    return RunningMaster.context(stranger, strangersSequence, strangersSequence);
  }

  /** An honest client goes on as if nothing had been. */
  private void assertHonestClientGoesOn() {
    assertNull(master.fatal.get());
    OpenReply now = MasterTest.open(master, file);
    assertEquals(before.getMap(), now.getMap());
    assertEquals(before.getAttributes().getSize(), now.getAttributes().getSize());
    var unused = master.files.commit(commit(master.next(), open, LENGTH, 2 * LENGTH, true).build());
    assertEquals(3 * LENGTH, MasterTest.open(master, file).getAttributes().getSize());
    long another = master.create(RunningMaster.ROOT, "another", FileType.REGULAR);
    ChunkGrant grant = MasterTest.grant(master, 1);
    assertEquals(
        LENGTH, MasterTest.commit(master, another, grant, LENGTH).getAttributes().getSize());
    GetStatusReply status = master.cluster.getStatus(GetStatusRequest.getDefaultInstance());
    assertEquals(0, status.getMissingChunks());
    assertEquals(0, status.getBadReplicasCount());
    assertTrue(
        status.getServersList().stream().anyMatch(s -> s.getDataPort() == 7001 && s.getAlive()));
  }

  @Test
  void requestsWithOneHostileValue_areAnsweredAsRequests_andHarmNobodyElse() {
    Set<String> surprises = new TreeSet<>();
    int asked = 0;
    for (ServiceDescriptor service : SERVICES) {
      for (MethodDescriptor<?, ?> method : service.getMethods()) {
        if (method.getType() == MethodType.UNARY && !WAITING.contains(method.getFullMethodName())) {
          for (Message request : requests(prototype(method))) {
            ask(method, request, surprises);
            asked++;
          }
        }
      }
    }
    assertEquals(Set.of(), surprises);
    assertTrue(asked > 1000, "only " + asked + " requests were made");
    assertHonestClientGoesOn();
  }

  private static Message prototype(MethodDescriptor<?, ?> method) {
    return (Message) ((PrototypeMarshaller<?>) method.getRequestMarshaller()).getMessagePrototype();
  }

  /** The request with each hostile value in each of its fields, one at a time. */
  private List<Message> requests(Message prototype) {
    List<Message> requests = new ArrayList<>();
    for (boolean plausible : new boolean[] {false, true}) {
      Message base = plausible ? plausible(prototype) : prototype;
      requests.add(base);
      for (FieldDescriptor field : prototype.getDescriptorForType().getFields()) {
        if (field.getName().equals("context")) {
          continue;
        }
        for (Object value : values(prototype, field, 2)) {
          Message.Builder request = base.toBuilder();
          if (field.isRepeated()) {
            request.clearField(field).addRepeatedField(field, value);
          } else {
            request.setField(field, value);
          }
          requests.add(request.build());
        }
      }
    }
    return requests;
  }

  /**
   * A request whose inodes and names are such that it gets somewhere, in a directory of its own.
   */
  private Message plausible(Message prototype) {
    Message.Builder request = prototype.toBuilder();
    for (FieldDescriptor field : prototype.getDescriptorForType().getFields()) {
      switch (field.getName()) {
        case "inode", "source_inode", "target_inode", "extend_inode" ->
            request.setField(field, strangersFile());
        case "parent", "new_parent" -> request.setField(field, RunningMaster.ROOT);
        case "name", "new_name" -> {
          if (field.getJavaType() == FieldDescriptor.JavaType.BYTE_STRING) {
            request.setField(field, ByteString.copyFromUtf8("strange"));
          }
        }
        case "count", "limit" -> request.setField(field, 1);
        case "replicas" -> {
          if (!field.isRepeated() && field.getJavaType() == FieldDescriptor.JavaType.INT) {
            request.setField(field, 1);
          }
        }
        case "type" -> request.setField(field, FileType.REGULAR.getValueDescriptor());
        default -> {}
      }
    }
    return request.build();
  }

  private long strangersFile() {
    if (strangersFile == 0) {
      strangersFile =
          master
              .names
              .create(
                  CreateRequest.newBuilder()
                      .setContext(asStranger())
                      .setParent(RunningMaster.ROOT)
                      .setName(ByteString.copyFromUtf8("strangers"))
                      .setType(FileType.REGULAR)
                      .build())
              .getAttributes()
              .getInode();
    }
    return strangersFile;
  }

  private long strangersFile;

  private List<Object> values(Message owner, FieldDescriptor field, int depth) {
    List<Object> values = new ArrayList<>();
    switch (field.getJavaType()) {
      case INT -> {
        for (long number : NUMBERS) {
          values.add((int) number);
        }
      }
      case LONG -> {
        for (long number : NUMBERS) {
          values.add(number);
        }
        values.add(chunk);
        values.add(open);
      }
      case BOOLEAN -> values.addAll(List.of(false, true));
      case STRING -> values.addAll(TEXTS);
      case BYTE_STRING -> values.addAll(BYTES);
      case ENUM -> {
        values.addAll(field.getEnumType().getValues());
        values.add(field.getEnumType().findValueByNumberCreatingIfUnknown(99));
      }
      case MESSAGE -> values.addAll(messages(owner, field, depth));
      default -> throw new AssertionError(field.getFullName());
    }
    return values;
  }

  private List<Object> messages(Message owner, FieldDescriptor field, int depth) {
    Message inner = owner.newBuilderForType().newBuilderForField(field).buildPartial();
    List<Object> values = new ArrayList<>(List.of(inner));
    if (depth > 0) {
      for (FieldDescriptor part : inner.getDescriptorForType().getFields()) {
        for (Object value : values(inner, part, depth - 1)) {
          Message.Builder changed = inner.toBuilder();
          if (part.isRepeated()) {
            changed.addRepeatedField(part, value);
          } else {
            changed.setField(part, value);
          }
          values.add(changed.build());
        }
      }
    }
    return values;
  }

  private <Q, R> void ask(MethodDescriptor<Q, R> method, Message request, Set<String> surprises) {
    if (isMeantForTheHonestFile(method, request)) {
      return;
    }
    FieldDescriptor context = request.getDescriptorForType().findFieldByName("context");
    @SuppressWarnings("unchecked")
    Q question =
        (Q)
            (context == null
                ? request
                : request.toBuilder().setField(context, asStranger()).build());
    try {
      R unused = master.call(method, question);
    } catch (StatusRuntimeException e) {
      CairnException error = GrpcErrors.fromThrowable(e, "the master");
      // Failures by design are never IO: that is a bug in deciding, or in answering.
      if (GrpcErrors.number(e.getTrailers()) == 0 || error.code() == ErrorCode.IO) {
        surprises.add(method.getFullMethodName() + ": " + error.code() + " " + error.getMessage());
      }
    }
  }

  /** Whoever reaches the master may change any file: here the honest one's is left out. */
  private boolean isMeantForTheHonestFile(MethodDescriptor<?, ?> method, Message request) {
    for (FieldDescriptor field : request.getDescriptorForType().getFields()) {
      boolean names = field.getName().endsWith("inode") || field.getName().endsWith("inodes");
      if (names && !field.isRepeated() && request.getField(field).equals(file)) {
        return true;
      }
    }
    return method.getFullMethodName().endsWith("/Forget")
        || method.getFullMethodName().endsWith("/Drain");
  }

  private static void assertRefused(ErrorCode code, Runnable request) {
    assertEquals(
        code,
        RunningMaster.refusal(
                () -> {
                  request.run();
                  return "granted";
                })
            .code());
  }

  @Test
  void anothersOpenChunk_isNeitherSealedNorCommittedNorMoved() {
    int id = server.getServerId();
    WrittenChunk.Builder sealing =
        WrittenChunk.newBuilder().setChunkId(open).setLength(3).setSealed(true).setReplicas(1);
    CommitRequest seal =
        CommitRequest.newBuilder()
            .setContext(asStranger())
            .setInode(strangersFile())
            .addChunks(sealing.addServerIds(id))
            .build();
    assertRefused(ErrorCode.INVALID, () -> commitAsStranger(seal));
    SealRequest alone =
        SealRequest.newBuilder()
            .setContext(asStranger())
            .setInode(strangersFile())
            .setChunk(sealing)
            .build();
    assertRefused(ErrorCode.INVALID, () -> assertNotNull(master.files.seal(alone)));
    CommitRequest longer =
        commit(asStranger(), open, 0, 2 * LENGTH, false).setInode(strangersFile()).build();
    assertRefused(ErrorCode.INVALID, () -> commitAsStranger(longer));
    CommitRequest extent =
        CommitRequest.newBuilder()
            .setInode(strangersFile())
            .addExtents(Extent.newBuilder().setLength(5).setChunkId(chunk))
            .build();
    assertRefused(ErrorCode.INVALID, () -> commitAsStranger(extent));
    assertHonestClientGoesOn();
  }

  private void commitAsStranger(CommitRequest request) {
    var unused = master.files.commit(request.toBuilder().setContext(asStranger()).build());
  }

  @Test
  void whereASealedChunkIs_isNotBelievedOfAClient() throws Exception {
    RegisterReply other = master.join("uuid-2", 7002);
    WrittenChunk.Builder lie =
        WrittenChunk.newBuilder()
            .setChunkId(chunk)
            .setLength(LENGTH)
            .setSealed(true)
            .setReplicas(7)
            .addServerIds(other.getServerId());
    commitAsStranger(CommitRequest.newBuilder().setInode(strangersFile()).addChunks(lie).build());
    assertEquals(before.getMap().getLocations(0), location(chunk));
    // Nor of its own chunks, of servers that it was not to write to.
    ChunkGrant grant =
        master
            .files
            .allocateChunks(
                AllocateChunksRequest.newBuilder()
                    .setContext(asStranger())
                    .setReplicas(1)
                    .setCount(1)
                    .build())
            .getGrant();
    int elsewhere =
        grant.getChain(0).getServerId() == server.getServerId()
            ? other.getServerId()
            : server.getServerId();
    CommitRequest.Builder own =
        commit(asStranger(), grant.getFirstChunkId(), 0, LENGTH, true).setInode(strangersFile());
    own.getChunksBuilder(0).setServerIds(0, elsewhere);
    assertRefused(ErrorCode.INVALID, () -> commitAsStranger(own.build()));
    assertHonestClientGoesOn();
  }

  private Object location(long id) {
    return MasterTest.open(master, file).getMap().getLocationsList().stream()
        .filter(location -> location.getChunkId() == id)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void requestThatContradictsWhatIsKnown_endsTheSessionOfWhoMadeIt_andHarmsNoOther() {
    OpenSessionReply honest = master.session();
    RequestContext next = master.next();
    List<RequestContext> contradictions =
        List.of(
            next.toBuilder().setEpoch(1).build(),
            next.toBuilder().setEpoch(honest.getEpoch() + 1).build(),
            next.toBuilder().setSequence(0).setAnsweredBelow(0).build(),
            next.toBuilder().setSequence(-1).build(),
            next.toBuilder().setSequence(Long.MAX_VALUE).setAnsweredBelow(Long.MAX_VALUE).build(),
            next.toBuilder().setAnsweredBelow(next.getSequence() + 1).build(),
            next.toBuilder().setAnsweredBelow(Long.MAX_VALUE).build(),
            next.toBuilder().setAnsweredBelow(-1).build(),
            next.toBuilder().setSessionId(honest.getSessionId() + 1000).build());
    for (RequestContext context : contradictions) {
      LinkRequest link =
          LinkRequest.newBuilder()
              .setContext(context)
              .setInode(file)
              .setNewParent(RunningMaster.ROOT)
              .setNewName(ByteString.copyFromUtf8("link"))
              .build();
      assertRefused(
          ErrorCode.SESSION_EXPIRED,
          () -> {
            var unused = master.names.link(link);
          });
    }
    assertHonestClientGoesOn();
  }

  @Test
  void sessions_areNamedByEpochsThatCannotBeGuessed() {
    OpenSessionReply one = master.openSession("one");
    OpenSessionReply two = master.openSession("two");
    for (long distance : new long[] {one.getEpoch(), two.getEpoch() - one.getEpoch()}) {
      assertTrue(Math.abs(distance) > 1L << 32, "an epoch is near to another: " + distance);
    }
  }

  @Test
  void registrationThatCannotBeMeant_isRefused() {
    RegisterRequest good =
        RegisterRequest.newBuilder()
            .setServerUuid("uuid-9")
            .setHost("127.0.0.1")
            .setDataPort(7009)
            .addDisks(RunningMaster.disk())
            .build();
    List<RegisterRequest.Builder> bad = new ArrayList<>();
    for (int port : new int[] {0, -1, 65_536, Integer.MAX_VALUE}) {
      bad.add(good.toBuilder().setDataPort(port));
    }
    for (String host :
        List.of(
            "", " ", "a b", "a/b", "a\nb", "http://x", "x:1", "-x", "h".repeat(254), "\u00e4")) {
      bad.add(good.toBuilder().setHost(host));
    }
    for (String uuid : List.of("", " ", "a b", "u".repeat(101))) {
      bad.add(good.toBuilder().setServerUuid(uuid));
    }
    bad.add(good.toBuilder().setZone("a b"));
    bad.add(good.toBuilder().setVersion("v".repeat(1000)));
    for (long bytes : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, (1L << 60) + 1}) {
      bad.add(good.toBuilder().setDisks(0, RunningMaster.disk().toBuilder().setTotalBytes(bytes)));
      bad.add(good.toBuilder().setDisks(0, RunningMaster.disk().toBuilder().setFreeBytes(bytes)));
    }
    for (RegisterRequest.Builder request : bad) {
      assertRefused(
          ErrorCode.INVALID,
          () -> {
            var unused = master.servers.register(request.build());
          });
    }
    for (String host : List.of("a", "node_1.example.org", "10.0.0.1", "::1", "fe80::1%eth0")) {
      RegisterReply unused = master.servers.register(good.toBuilder().setHost(host).build());
      time.pass(java.time.Duration.ofSeconds(11));
    }
  }

  @Test
  void heartbeatOfNobody_changesNothing() {
    HeartbeatRequest.Builder beat =
        HeartbeatRequest.newBuilder()
            .setMasterIncarnation(server.getMasterIncarnation())
            .addLostChunks(chunk);
    assertTrue(master.servers.heartbeat(beat.setServerId(99).build()).getRegisterAgain());
    HeartbeatRequest.Builder another = beat.setServerId(server.getServerId()).setIncarnation(7);
    assertTrue(!master.servers.heartbeat(another.build()).getReplaced().isEmpty());
    HeartbeatRequest.Builder before = another.setIncarnation(0).setMasterIncarnation(1);
    assertTrue(master.servers.heartbeat(before.build()).getRegisterAgain());
    assertHonestClientGoesOn();
  }

  @Test
  void rangesThatEndBehindAllBytes_areRefused() {
    long target = strangersFile();
    for (long big : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertRefused(
          ErrorCode.FILE_TOO_BIG,
          () -> {
            var unused =
                master.files.changeRange(
                    ChangeRangeRequest.newBuilder()
                        .setContext(asStranger())
                        .setInode(target)
                        .setOffset(big)
                        .setLength(big)
                        .build());
          });
      ErrorCode code =
          RunningMaster.refusal(
                  () ->
                      master.files.cloneRange(
                          CloneRangeRequest.newBuilder()
                              .setContext(asStranger())
                              .setSourceInode(target)
                              .setTargetInode(target)
                              .setSourceOffset(big)
                              .setTargetOffset(big)
                              .setLength(big)
                              .build()))
              .code();
      assertTrue(code == ErrorCode.FILE_TOO_BIG || code == ErrorCode.INVALID, code::name);
    }
  }

  @Test
  void lockOfNoRange_isRefused() {
    FileLock lock =
        FileLock.newBuilder()
            .setKind(LockKind.BYTE_RANGE)
            .setMode(LockMode.EXCLUSIVE)
            .setStart(10)
            .setLast(9)
            .build();
    assertRefused(
        ErrorCode.INVALID,
        () -> {
          var unused =
              master.call(
                  LockServiceGrpc.getSetLockMethod(),
                  dev.cairn.rpc.proto.SetLockRequest.newBuilder()
                      .setContext(asStranger())
                      .setInode(file)
                      .setLock(lock)
                      .build());
        });
  }

  @Test
  void openOfAStranger_isRefused() {
    OpenRequest open =
        OpenRequest.newBuilder().setSessionId(master.session().getSessionId()).setEpoch(1).build();
    assertRefused(
        ErrorCode.SESSION_EXPIRED,
        () -> {
          var unused = master.files.open(open);
        });
  }
}
