package dev.cairn.rpc.unary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.admission.MethodBounds;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.control.ControlServer;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.EntryReply;
import dev.cairn.rpc.proto.GetXattrReply;
import dev.cairn.rpc.proto.GetXattrRequest;
import dev.cairn.rpc.proto.LookupRequest;
import dev.cairn.rpc.proto.NamespaceServiceGrpc;
import dev.cairn.rpc.proto.ReadSymlinkReply;
import dev.cairn.rpc.proto.ReadSymlinkRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls in frames, beside gRPC's own at the same port. */
@Timeout(60)
final class UnaryChannelTest {

  private static final MethodDescriptor<GetXattrRequest, GetXattrReply> ECHO =
      NamespaceServiceGrpc.getGetXattrMethod();
  private static final MethodDescriptor<ReadSymlinkRequest, ReadSymlinkReply> HELD =
      NamespaceServiceGrpc.getReadSymlinkMethod();
  private static final int MEBIBYTE = 1 << 20;
  private static final int SOCKET_MILLIS = 20_000;

  private final Service service = new Service();
  private ControlServer server;
  private UnaryChannel channel;

  /** Echoes names, holds symlinks back until told to answer, and refuses lookups. */
  private static final class Service extends NamespaceServiceGrpc.NamespaceServiceImplBase {

    final BlockingQueue<StreamObserver<ReadSymlinkReply>> held = new LinkedBlockingQueue<>();
    final AtomicInteger answered = new AtomicInteger();
    volatile CairnException refusal = ErrorCode.NO_ENTRY.because("no 'ä' here");

    @Override
    public void getXattr(GetXattrRequest request, StreamObserver<GetXattrReply> call) {
      answered.incrementAndGet();
      ByteString value =
          request.getInode() == 0
              ? request.getName()
              : ByteString.copyFrom(new byte[(int) request.getInode()]);
      call.onNext(GetXattrReply.newBuilder().setValue(value).build());
      call.onCompleted();
    }

    @Override
    public void readSymlink(ReadSymlinkRequest request, StreamObserver<ReadSymlinkReply> call) {
      held.add(call);
    }

    @Override
    public void lookup(LookupRequest request, StreamObserver<EntryReply> call) {
      call.onError(GrpcErrors.toStatus(refusal));
    }
  }

  @BeforeEach
  void start() throws IOException {
    server = serverAt(0);
    channel = new UnaryChannel(address());
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.close();
    server.stop();
  }

  private ControlServer serverAt(int port) throws IOException {
    return serverAt(port, "");
  }

  private ControlServer serverAt(int port, String cluster) throws IOException {
    return ControlServer.start(new HostPort("127.0.0.1", port), cluster, List.of(service));
  }

  private HostPort address() {
    return new HostPort("127.0.0.1", server.port());
  }

  private CompletableFuture<ReadSymlinkReply> callHeld() {
    return call(HELD, ReadSymlinkRequest.getDefaultInstance());
  }

  private <Q, R> CompletableFuture<R> call(MethodDescriptor<Q, R> method, Q question) {
    return call(channel.newCall(method, CallOptions.DEFAULT), question);
  }

  private static <Q, R> CompletableFuture<R> call(ClientCall<Q, R> call, Q question) {
    CompletableFuture<R> result = new CompletableFuture<>();
    ClientCalls.asyncUnaryCall(
        call,
        question,
        new StreamObserver<>() {
          private R answer;

          @Override
          public void onNext(R value) {
            answer = value;
          }

          @Override
          public void onError(Throwable error) {
            result.completeExceptionally(GrpcErrors.fromThrowable(error, "the server"));
          }

          @Override
          public void onCompleted() {
            result.complete(answer);
          }
        });
    return result;
  }

  private static GetXattrRequest named(String name) {
    return GetXattrRequest.newBuilder().setName(ByteString.copyFromUtf8(name)).build();
  }

  private static CairnException failure(CompletableFuture<?> call) {
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> call.get(20, TimeUnit.SECONDS));
    return assertInstanceOf(CairnException.class, e.getCause());
  }

  private void answerHeld() throws InterruptedException {
    StreamObserver<ReadSymlinkReply> call = service.held.take();
    call.onNext(ReadSymlinkReply.getDefaultInstance());
    call.onCompleted();
  }

  private void assertEchoes(String name) throws Exception {
    GetXattrReply reply = call(ECHO, named(name)).get(20, TimeUnit.SECONDS);
    assertEquals(name, reply.getValue().toStringUtf8());
  }

  @Test
  void refusal_keepsItsCodeAndSentence() {
    CairnException refusal =
        failure(call(NamespaceServiceGrpc.getLookupMethod(), LookupRequest.getDefaultInstance()));
    assertEquals(ErrorCode.NO_ENTRY, refusal.code());
    assertEquals("no 'ä' here", refusal.getMessage());
  }

  @Test
  void refusalOfAMasterThatDoesNotLead_namesTheLeader_inFramesAndInGrpc() throws Exception {
    ManagedChannel grpc = ControlPlane.channel(address());
    try {
      MethodDescriptor<LookupRequest, EntryReply> lookup = NamespaceServiceGrpc.getLookupMethod();
      for (CairnException said :
          List.of(
              CairnException.notLeader("10.0.0.2:9420"),
              CairnException.notLeader("[fe80::1%eth0]:9420").ofWhatMayBeDone(),
              CairnException.notLeader(""))) {
        service.refusal = said;
        LookupRequest request = LookupRequest.getDefaultInstance();
        CairnException framed = failure(call(lookup, request));
        CairnException called = failure(call(grpc.newCall(lookup, CallOptions.DEFAULT), request));
        for (CairnException heard : List.of(framed, called)) {
          assertEquals(ErrorCode.NOT_LEADER, heard.code());
          assertEquals(said.leader(), heard.leader());
          assertEquals(said.mayBeDone(), heard.mayBeDone());
          assertEquals(said.getMessage(), heard.getMessage());
        }
      }
    } finally {
      grpc.shutdownNow();
    }
  }

  @Test
  void methodThatIsNotServed_isNotImplemented() {
    MethodDescriptor<GetXattrRequest, GetXattrReply> unknown =
        ECHO.toBuilder().setFullMethodName("cairn.No/Such").build();
    assertEquals(ErrorCode.NOT_IMPLEMENTED, failure(call(unknown, named("x"))).code());
  }

  @Test
  void grpc_isSpokenAtTheSamePort() throws Exception {
    assertEchoes("frames");
    ManagedChannel grpc = ControlPlane.channel(address());
    try {
      GetXattrReply reply = NamespaceServiceGrpc.newBlockingStub(grpc).getXattr(named("http2"));
      assertEquals("http2", reply.getValue().toStringUtf8());
    } finally {
      grpc.shutdownNow();
    }
  }

  @Test
  void callsFromManyThreads_getTheirOwnAnswers() {
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      String thread = "thread " + i;
      threads.add(
          CompletableFuture.runAsync(
              () -> {
                List<CompletableFuture<GetXattrReply>> calls = new ArrayList<>();
                for (int j = 0; j < 500; j++) {
                  calls.add(call(ECHO, named(thread + " call " + j)));
                }
                for (int j = 0; j < 500; j++) {
                  String answer = calls.get(j).join().getValue().toStringUtf8();
                  assertEquals(thread + " call " + j, answer);
                }
              }));
    }
    threads.forEach(CompletableFuture::join);
  }

  @Test
  void aQuestionAsLongAsItsMethodAllows_andAnAnswerOfMebibytes_goThrough() throws Exception {
    assertEchoes("x".repeat(MethodBounds.of(ECHO.getFullMethodName()).mostBytes() - 10));
    GetXattrRequest asking = GetXattrRequest.newBuilder().setInode(10 * MEBIBYTE).build();
    assertEquals(10 * MEBIBYTE, call(ECHO, asking).get(20, TimeUnit.SECONDS).getValue().size());
  }

  @Test
  void messageThatIsTooLong_failsItsCall_andNoOther() throws Exception {
    CompletableFuture<ReadSymlinkReply> held = callHeld();
    String tooLong = "x".repeat(MethodBounds.of(ECHO.getFullMethodName()).mostBytes() + 1);
    assertEquals(ErrorCode.TOO_BIG, failure(call(ECHO, named(tooLong))).code());
    GetXattrRequest asking =
        GetXattrRequest.newBuilder().setInode(ControlPlane.MAX_MESSAGE_BYTES + 1).build();
    assertEquals(ErrorCode.IO, failure(call(ECHO, asking)).code());
    answerHeld();
    held.get(20, TimeUnit.SECONDS);
  }

  @Test
  void answers_mayComeInAnotherOrder() throws Exception {
    CompletableFuture<ReadSymlinkReply> held = callHeld();
    assertEchoes("later");
    assertFalse(held.isDone());
    answerHeld();
    held.get(20, TimeUnit.SECONDS);
  }

  @Test
  void serverThatGoes_failsWhatIsUnderWay_andIsFoundAgain() throws Exception {
    CompletableFuture<ReadSymlinkReply> held = callHeld();
    service.held.take();
    int port = server.port();
    server.stop();
    assertEquals(ErrorCode.UNREACHABLE, failure(held).code());
    assertEquals(ErrorCode.UNREACHABLE, failure(call(ECHO, named("nobody"))).code());
    server = serverAt(port);
    assertEchoes("again");
  }

  @Test
  void closedChannel_failsWhatIsUnderWay_andWhatComes() throws Exception {
    CompletableFuture<ReadSymlinkReply> held = callHeld();
    service.held.take();
    channel.close();
    assertEquals(ErrorCode.UNREACHABLE, failure(held).code());
    assertEquals(ErrorCode.UNREACHABLE, failure(call(ECHO, named("late"))).code());
  }

  @Test
  void connectionOnWhichNothingComes_isGivenUpWithItsCall() throws Exception {
    try (ServerSocket silent = new ServerSocket(0)) {
      silent.setSoTimeout(SOCKET_MILLIS);
      UnaryChannel other = new UnaryChannel(new HostPort("127.0.0.1", silent.getLocalPort()));
      try {
        ClientCall<GetXattrRequest, GetXattrReply> first = other.newCall(ECHO, CallOptions.DEFAULT);
        CompletableFuture<GetXattrReply> result = call(first, named("anybody"));
        Socket connection = silent.accept();
        connection.setSoTimeout(SOCKET_MILLIS);
        assertEquals(
            UnaryFrames.PREFACE, new DataInputStream(connection.getInputStream()).readInt());
        first.cancel("too long", null);
        assertEquals(ErrorCode.INTERRUPTED, failure(result).code());
        connection.getInputStream().readAllBytes();
        connection.close();
        call(other.newCall(ECHO, CallOptions.DEFAULT), named("anybody"));
        silent.accept().close();
      } finally {
        other.close();
      }
    }
  }

  @Test
  void callThatIsGivenUp_leavesALivingConnectionToTheOthers() throws Exception {
    ClientCall<ReadSymlinkRequest, ReadSymlinkReply> first =
        channel.newCall(HELD, CallOptions.DEFAULT);
    CompletableFuture<ReadSymlinkReply> given =
        call(first, ReadSymlinkRequest.getDefaultInstance());
    CompletableFuture<ReadSymlinkReply> kept = callHeld();
    assertEchoes("alive");
    first.cancel("too long", null);
    assertEquals(ErrorCode.INTERRUPTED, failure(given).code());
    for (int i = 0; i < 2; i++) {
      answerHeld();
    }
    kept.get(20, TimeUnit.SECONDS);
  }

  @Test
  void serverOfAnotherCluster_refusesEveryCall_untilTheRightOneIsBack() throws Exception {
    int port = server.port();
    server.stop();
    server = serverAt(port, "right");
    assertEchoes("a channel that belongs to no cluster yet");
    channel.belongTo("right");
    assertEchoes("of the right cluster");
    server.stop();
    server = serverAt(port, "wrong");
    for (int i = 0; i < 3; i++) {
      int before = service.answered.get();
      ErrorCode code = failure(call(ECHO, named("anything"))).code();
      assertTrue(code == ErrorCode.OTHER_CLUSTER || (i == 0 && code == ErrorCode.UNREACHABLE));
      assertEquals(before, service.answered.get());
    }
    server.stop();
    server = serverAt(port, "right");
    CompletableFuture<GetXattrReply> first = call(ECHO, named("x"));
    first.handle((reply, error) -> reply).get(20, TimeUnit.SECONDS);
    assertEchoes("of the right cluster again");
  }

  @Test
  void channelThatTurnsOutToBelongElsewhere_isRefusedOnTheConnectionItHas() throws Exception {
    int port = server.port();
    server.stop();
    server = serverAt(port, "one");
    assertEchoes("connected");
    channel.belongTo("another");
    CairnException refusal = failure(call(ECHO, named("x")));
    assertEquals(ErrorCode.OTHER_CLUSTER, refusal.code());
    assertEquals(
        "the master is of cluster one, and this client belongs to cluster another",
        refusal.getMessage());
  }

  @Test
  void whatIsNoFrame_endsTheConnection_andNotTheServer() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(SOCKET_MILLIS);
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(UnaryFrames.PREFACE);
      out.writeInt(Integer.MAX_VALUE);
      out.writeLong(1);
      assertEquals(0, socket.getInputStream().readAllBytes().length);
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(SOCKET_MILLIS);
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(UnaryFrames.PREFACE);
      out.writeInt(9);
      out.writeLong(1);
      out.writeByte(200); // a name longer than the frame
      assertEquals(0, socket.getInputStream().readAllBytes().length);
    }
    assertEchoes("still there");
  }

  @Test
  void whoDoesNotReadItsAnswers_isNotReadEither() throws Exception {
    int questions = 400;
    int mostAhead = 100;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(SOCKET_MILLIS);
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(UnaryFrames.PREFACE);
      byte[] message = GetXattrRequest.newBuilder().setInode(MEBIBYTE).build().toByteArray();
      byte[] name = ECHO.getFullMethodName().getBytes(StandardCharsets.US_ASCII);
      for (int number = 1; number <= questions; number++) {
        out.writeInt(Long.BYTES + 1 + name.length + message.length);
        out.writeLong(number);
        out.writeByte(name.length);
        out.write(name);
        out.write(message);
      }
      DataInputStream in = new DataInputStream(socket.getInputStream());
      for (int number = 1; number <= questions; number++) {
        int length = in.readInt();
        assertEquals(number, in.readLong());
        in.readNBytes(length - Long.BYTES);
        int ahead = service.answered.get() - number;
        assertTrue(ahead < mostAhead, ahead + " answers wait to be read");
      }
    }
  }
}
