package dev.cairn.rpc.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.admission.Admission;
import dev.cairn.rpc.admission.ByteBudget;
import dev.cairn.rpc.admission.MethodBounds;
import dev.cairn.rpc.admission.ServedPeers;
import dev.cairn.rpc.admission.UnfinishedRequests;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.GetXattrReply;
import dev.cairn.rpc.proto.GetXattrRequest;
import dev.cairn.rpc.proto.NamespaceServiceGrpc;
import dev.cairn.rpc.proto.ReadDirectoryReply;
import dev.cairn.rpc.proto.ReadDirectoryRequest;
import dev.cairn.rpc.unary.UnaryChannel;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that would keep a server from serving others. */
@Timeout(60)
final class HostileClientsTest {

  private static final int MOST_CONNECTIONS = 40;
  private static final int MOST_UNFINISHED_BYTES = 1 << 20;
  private static final int SOCKET_MILLIS = 20_000;
  private static final int FRAMES_PREFACE = 0x4352_4e55;
  private static final String GET_XATTR = "cairn.NamespaceService/GetXattr";
  private static final String KEEP_ALIVE = "cairn.SessionService/KeepAlive";

  private final Service service = new Service();
  private final List<Socket> sockets = new ArrayList<>();
  private ControlServer server;

  /** Answers one question at once, and holds listings until told to answer. */
  private static final class Service extends NamespaceServiceGrpc.NamespaceServiceImplBase {

    final BlockingQueue<StreamObserver<ReadDirectoryReply>> held = new LinkedBlockingQueue<>();

    @Override
    public void getXattr(GetXattrRequest request, StreamObserver<GetXattrReply> call) {
      call.onNext(GetXattrReply.getDefaultInstance());
      call.onCompleted();
    }

    @Override
    public void readDirectory(
        ReadDirectoryRequest request, StreamObserver<ReadDirectoryReply> call) {
      held.add(call);
    }
  }

  @BeforeEach
  void start() throws IOException {
    Admission admission =
        new Admission(
            new ServedPeers(MOST_CONNECTIONS, MOST_CONNECTIONS),
            new UnfinishedRequests(MOST_UNFINISHED_BYTES),
            new ByteBudget(16 << 20));
    server = ControlServer.start(new HostPort("127.0.0.1", 0), "", List.of(service), admission);
  }

  @AfterEach
  void stop() throws Exception {
    for (Socket socket : sockets) {
      socket.close();
    }
    server.stop();
  }

  private HostPort address() {
    return new HostPort("127.0.0.1", server.port());
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(SOCKET_MILLIS);
    sockets.add(socket);
    return socket;
  }

  /** An honest client of each kind connects and is answered. */
  private void assertOthersAreServed() throws Exception {
    try (UnaryChannel frames = new UnaryChannel(address())) {
      ClientCalls.futureUnaryCall(
              frames.newCall(NamespaceServiceGrpc.getGetXattrMethod(), CallOptions.DEFAULT),
              GetXattrRequest.getDefaultInstance())
          .get(5, TimeUnit.SECONDS);
    }
    ManagedChannel grpc = ControlPlane.channel(address());
    try {
      NamespaceServiceGrpc.newBlockingStub(grpc)
          .withDeadlineAfter(5, TimeUnit.SECONDS)
          .getXattr(GetXattrRequest.getDefaultInstance());
    } finally {
      grpc.shutdownNow();
    }
  }

  private static boolean isClosed(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    try {
      while (in.read() >= 0) {
        // What comes before the end is of no interest.
      }
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void idleConnections_neverKeepANewClientOut() throws Exception {
    for (int i = 0; i < 5 * MOST_CONNECTIONS; i++) {
      connect();
    }
    assertOthersAreServed();
    assertTrue(isClosed(sockets.get(0)));
  }

  @Test
  void connectionsThatAskedOnceAndStay_neverKeepANewClientOut() throws Exception {
    for (int i = 0; i < 2 * MOST_CONNECTIONS; i++) {
      Socket socket = connect();
      socket.getOutputStream().write(frame(true, GET_XATTR, new byte[0], 0));
      assertTrue(socket.getInputStream().read() >= 0);
    }
    assertOthersAreServed();
  }

  /** A frame of a request, of which the last bytes may not be there. */
  private static byte[] frame(boolean first, String method, byte[] message, int missing)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    if (first) {
      out.writeInt(FRAMES_PREFACE);
    }
    out.writeInt(Long.BYTES + 1 + method.length() + message.length + missing);
    out.writeLong(1);
    out.writeByte(method.length());
    out.write(method.getBytes(StandardCharsets.US_ASCII));
    out.write(message);
    return bytes.toByteArray();
  }

  @Test
  void aFrameLongerThanItsMethodAllows_isRefusedByItsFirstBytes() throws Exception {
    Socket socket = connect();
    int promised = MethodBounds.of(GET_XATTR).mostBytes() + 1;
    socket.getOutputStream().write(frame(true, GET_XATTR, new byte[0], promised));
    byte[] refusal = socket.getInputStream().readAllBytes();
    assertEquals(
        ErrorCode.TOO_BIG.number(),
        java.nio.ByteBuffer.wrap(refusal).getInt(Integer.BYTES + Long.BYTES + 1));
    assertOthersAreServed();
  }

  @Test
  void aFrameShorterThanItsHead_orOfAGigabyte_endsItsConnection() throws Exception {
    for (int length : new int[] {-1, 0, 9, 1 << 30}) {
      Socket socket = connect();
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(FRAMES_PREFACE);
      out.writeInt(length);
      out.write(new byte[Long.BYTES]);
      out.writeByte(200);
      assertTrue(isClosed(socket), "length " + length);
    }
    assertOthersAreServed();
  }

  @Test
  void unfinishedFrames_takeABoundedNumberOfBytes() throws Exception {
    byte[] half = new byte[MOST_UNFINISHED_BYTES / 10];
    for (int i = 0; i < 20; i++) {
      connect().getOutputStream().write(frame(true, KEEP_ALIVE, half, half.length));
    }
    assertTrue(isClosed(sockets.get(0)), "the oldest is given up");
    assertOthersAreServed();
  }

  @Test
  void aQuestionByGrpcLongerThanItsMethodAllows_isRefused() throws Exception {
    ManagedChannel grpc = ControlPlane.channel(address());
    try {
      ByteString name = ByteString.copyFrom(new byte[1 << 20]);
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  NamespaceServiceGrpc.newBlockingStub(grpc)
                      .withDeadlineAfter(20, TimeUnit.SECONDS)
                      .getXattr(GetXattrRequest.newBuilder().setName(name).build()));
      assertFalse(refused.getStatus().isOk());
      assertOthersAreServed();
    } finally {
      grpc.shutdownNow();
    }
  }

  @Test
  void aMountRefusesItsOwnQuestion_whenItIsLongerThanTheMethodAllows() throws Exception {
    try (UnaryChannel frames = new UnaryChannel(address())) {
      ByteString name = ByteString.copyFrom(new byte[1 << 20]);
      ExecutionException refused =
          assertThrows(
              ExecutionException.class,
              () ->
                  ClientCalls.futureUnaryCall(
                          frames.newCall(
                              NamespaceServiceGrpc.getGetXattrMethod(), CallOptions.DEFAULT),
                          GetXattrRequest.newBuilder().setName(name).build())
                      .get(20, TimeUnit.SECONDS));
      assertEquals(
          ErrorCode.TOO_BIG, GrpcErrors.fromThrowable(refused.getCause(), "the server").code());
    }
  }

  @Test
  void listingsOfOneConnection_areMadeSomeAtATime() throws Exception {
    byte[] listing = frame(false, "cairn.NamespaceService/ReadDirectory", new byte[0], 0);
    Socket socket = connect();
    socket.getOutputStream().write(frame(true, GET_XATTR, new byte[0], 0));
    for (int i = 0; i < 100; i++) {
      socket.getOutputStream().write(listing);
    }
    List<StreamObserver<ReadDirectoryReply>> started = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      started.add(service.held.take());
    }
    assertOthersAreServed();
    assertEquals(0, service.held.size());
    for (int i = 0; i < 100; i++) {
      StreamObserver<ReadDirectoryReply> call =
          i < started.size() ? started.get(i) : service.held.take();
      call.onNext(ReadDirectoryReply.getDefaultInstance());
      call.onCompleted();
    }
  }

  @Test
  void streamsThatAreResetByTheThousand_endTheirConnection() throws Exception {
    Socket socket = connect();
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    Http2.frame(out, Http2.SETTINGS, 0, 0, new byte[0]);
    byte[] headers = Http2.headers("/" + GET_XATTR);
    boolean cut = false;
    try {
      for (int stream = 1; stream < 40_000; stream += 2) {
        Http2.frame(out, Http2.HEADERS, Http2.END_HEADERS, stream, headers);
        Http2.frame(out, Http2.RST_STREAM, 0, stream, Http2.CANCEL);
      }
      out.flush();
    } catch (IOException e) {
      cut = true;
    }
    assertTrue(cut || isClosed(socket));
    assertOthersAreServed();
  }

  /** As much of RFC 9113 and RFC 7541 as a client needs that says one thing. */
  private static final class Http2 {

    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int END_HEADERS = 4;
    static final byte[] CANCEL = {0, 0, 0, 8};

    // Names in HPACK's static table.
    private static final int AUTHORITY = 1;
    private static final int METHOD_POST = 3;
    private static final int PATH = 4;
    private static final int SCHEME_HTTP = 6;
    private static final int CONTENT_TYPE = 31;

    private static final int INDEXED = 0x80;

    static void frame(DataOutputStream out, int type, int flags, int stream, byte[] payload)
        throws IOException {
      out.writeByte(0);
      out.writeShort(payload.length);
      out.writeByte(type);
      out.writeByte(flags);
      out.writeInt(stream);
      out.write(payload);
    }

    static byte[] headers(String path) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeByte(INDEXED | METHOD_POST);
      out.writeByte(INDEXED | SCHEME_HTTP);
      out.writeByte(PATH);
      text(out, path);
      out.writeByte(AUTHORITY);
      text(out, "localhost");
      out.writeByte(15); // CONTENT_TYPE, whose number does not fit into four bits
      out.writeByte(CONTENT_TYPE - 15);
      text(out, "application/grpc");
      out.writeByte(0);
      text(out, "te");
      text(out, "trailers");
      return bytes.toByteArray();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
      out.writeByte(text.length());
      out.write(text.getBytes(StandardCharsets.US_ASCII));
    }
  }
}
