package dev.cairn.client.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.Failures;
import dev.cairn.client.Timer;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.control.ControlServer;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.FileServiceGrpc;
import dev.cairn.rpc.proto.HeldLease;
import dev.cairn.rpc.proto.KeepAliveReply;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.NamespaceServiceGrpc;
import dev.cairn.rpc.proto.OpenReply;
import dev.cairn.rpc.proto.OpenRequest;
import dev.cairn.rpc.proto.OpenSessionReply;
import dev.cairn.rpc.proto.OpenSessionRequest;
import dev.cairn.rpc.proto.RemoveReply;
import dev.cairn.rpc.proto.RemoveRequest;
import dev.cairn.rpc.proto.SessionServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client's session tells a master of open files. */
final class SessionTest {

  private static final int HEARTBEAT_MILLIS = 20;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Timer timer = new Timer();
  private final Open open = new Open();
  private final Sessions sessions = new Sessions();
  private final Files files = new Files();
  private final Names names = new Names();
  private ControlServer server;
  private Master master;

  @BeforeEach
  void connect() throws IOException {
    server =
        ControlServer.start(new HostPort("127.0.0.1", 0), List.of(sessions, files, names), threads);
    master =
        new Master(
            Masters.of(new HostPort("127.0.0.1", server.port())),
            Duration.ofSeconds(5),
            new ClientName("a test", ""),
            timer,
            addresses -> {},
            open);
  }

  @AfterEach
  void disconnect() throws InterruptedException {
    timer.close();
    master.close(Duration.ZERO);
    server.stop();
    threads.shutdownNow();
  }

  @Test
  void anOpenThatFindsTheSessionExpired_isMadeBehindTheWordOfWhatIsOpen() throws Exception {
    open.inodes.add(5L);
    sessions.holdComingBack = true;
    files.expired.add(1L);
    CompletableFuture<Long> opening = master.open(7, true, this::opened);
    KeepAliveRequest back = next(sessions.comingBack);
    assertEquals(2, back.getSessionId());
    assertEquals(Set.of(5L, 7L), Set.copyOf(back.getOpenInodesList()));
    assertEquals(List.of(7L), back.getWrittenInodesList());
    assertEquals(1, files.requests.size(), "in the new session nothing is opened yet");
    sessions.letComeBack();
    assertEquals(7, Failures.await(opening));
    assertEquals(2, files.requests.get(1).getSessionId());
  }

  @Test
  void aSessionOpenedAfterOneThatCouldNotBe_isToldWhatIsOpen() throws Exception {
    open.inodes.add(5L);
    Failures.await(master.connected());
    sessions.refusals.set(1);
    files.expired.add(1L);
    assertThrows(CairnException.class, () -> Failures.await(master.open(7, false, this::opened)));
    assertEquals(7, Failures.await(master.open(7, false, this::opened)));
    assertTrue(next(sessions.comingBack).getOpenInodesList().contains(5L));
  }

  @Test
  void aMasterThatDoesNotKnowTheSessionAfterItsRestart_isNoticedAsRestarted() throws Exception {
    sessions.holdComingBack = true;
    Failures.await(master.connected());
    assertEquals(0, open.restarts.get());
    sessions.incarnation = 4;
    files.expired.add(1L);
    CompletableFuture<Long> opening = master.open(7, false, this::opened);
    next(sessions.comingBack);
    sessions.letComeBack();
    Failures.await(opening);
    assertEquals(1, open.restarts.get());
  }

  @Test
  void aRemovalThatFindsTheSessionExpired_isMadeInTheNext() throws Exception {
    names.refusals.add(GrpcErrors.toStatus(ErrorCode.SESSION_EXPIRED.because("expired")));
    Failures.await(master.remove(RemoveRequest.newBuilder()));
    assertEquals(List.of(1L, 2L), names.sessions);
  }

  @Test
  void aRemovalThatMayHaveBeenDoneBeforeTheSessionExpired_isNotMadeAgain() throws Exception {
    names.refusals.add(Status.UNKNOWN.withDescription("the answer was lost").asException());
    names.refusals.add(GrpcErrors.toStatus(ErrorCode.SESSION_EXPIRED.because("expired")));
    CairnException told =
        assertThrows(
            CairnException.class, () -> Failures.await(master.remove(RemoveRequest.newBuilder())));
    assertEquals(ErrorCode.SESSION_EXPIRED, told.code());
    Failures.await(master.remove(RemoveRequest.newBuilder()));
    assertEquals(List.of(1L, 1L, 2L), names.sessions);
  }

  @Test
  void theLastRelease_whileAnotherOpenIsUnderWay_isNotAnnouncedAsAClose() throws Exception {
    files.held = new CompletableFuture<>();
    CompletableFuture<Long> opening = master.open(7, false, this::opened);
    // The handle that was there before is released meanwhile.
    master.closed(7);
    next(sessions.beats);
    sessions.beats.clear();
    for (int i = 0; i < 3; i++) {
      assertFalse(next(sessions.beats).getClosedInodesList().contains(7L));
    }
    files.held.complete(null);
    assertEquals(7, Failures.await(opening));
    assertTrue(sessions.closed.isEmpty());
  }

  @Test
  void anInodeReleased_whileAnOpenOfItFails_isAnnouncedAsClosed() throws Exception {
    files.held = new CompletableFuture<>();
    CompletableFuture<Long> opening = master.open(7, false, this::opened);
    master.closed(7);
    next(sessions.beats);
    sessions.beats.clear();
    next(sessions.beats);
    files.held.completeExceptionally(ErrorCode.STALE.because("inode 7 is gone"));
    assertThrows(CairnException.class, () -> Failures.await(opening));
    sessions.beats.clear();
    List<Long> said = new ArrayList<>(next(sessions.beats).getClosedInodesList());
    said.addAll(next(sessions.beats).getClosedInodesList());
    said.addAll(sessions.closed);
    assertTrue(said.contains(7L));
  }

  private long opened(OpenReply reply) {
    long inode = reply.getAttributes().getInode();
    open.inodes.add(inode);
    return inode;
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T value = queue.poll(10, TimeUnit.SECONDS);
    assertTrue(value != null, "nothing was heard for 10 s");
    return value;
  }

  private static final class Open implements Holdings {
    final Set<Long> inodes = ConcurrentHashMap.newKeySet();
    final AtomicInteger restarts = new AtomicInteger();

    @Override
    public Set<Long> openInodes() {
      return Set.copyOf(inodes);
    }

    @Override
    public Set<Long> writtenInodes() {
      return Set.of();
    }

    @Override
    public List<HeldLease> leases() {
      return List.of();
    }

    @Override
    public void leasesLost(List<HeldLease> lost) {}

    @Override
    public void masterRestarted() {
      restarts.incrementAndGet();
    }

    @Override
    public void sessionLost(Registration session) {}
  }

  /** Gives sessions the numbers from 1 on. */
  private static final class Sessions extends SessionServiceGrpc.SessionServiceImplBase {
    final AtomicInteger last = new AtomicInteger();
    final AtomicInteger refusals = new AtomicInteger();
    final BlockingQueue<KeepAliveRequest> comingBack = new LinkedBlockingQueue<>();
    final BlockingQueue<KeepAliveRequest> beats = new LinkedBlockingQueue<>();
    final List<Long> closed = new CopyOnWriteArrayList<>();
    final CompletableFuture<Void> back = new CompletableFuture<>();
    volatile boolean holdComingBack;
    volatile long incarnation = 3;

    void letComeBack() {
      back.complete(null);
    }

    @Override
    public void openSession(OpenSessionRequest request, StreamObserver<OpenSessionReply> to) {
      if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        to.onError(GrpcErrors.toStatus(ErrorCode.NO_SPACE.because("no room for a session")));
        return;
      }
      to.onNext(
          OpenSessionReply.newBuilder()
              .setSessionId(last.incrementAndGet())
              .setEpoch(1)
              .setHeartbeatMillis(HEARTBEAT_MILLIS)
              .setMasterIncarnation(incarnation)
              .build());
      to.onCompleted();
    }

    @Override
    public void keepAlive(KeepAliveRequest request, StreamObserver<KeepAliveReply> to) {
      closed.addAll(request.getClosedInodesList());
      (request.getOpenInodesComplete() ? comingBack : beats).add(request);
      boolean hold = holdComingBack && request.getOpenInodesComplete();
      CompletableFuture<Void> answer = hold ? back : CompletableFuture.completedFuture(null);
      var unused =
          answer.thenRun(
              () -> {
                to.onNext(KeepAliveReply.newBuilder().setMasterIncarnation(incarnation).build());
                to.onCompleted();
              });
    }
  }

  /** Opens everything, but not in sessions that have expired. */
  private static final class Files extends FileServiceGrpc.FileServiceImplBase {
    final Set<Long> expired = ConcurrentHashMap.newKeySet();
    final List<OpenRequest> requests = new CopyOnWriteArrayList<>();
    volatile CompletableFuture<Void> held = CompletableFuture.completedFuture(null);

    @Override
    public void open(OpenRequest request, StreamObserver<OpenReply> to) {
      requests.add(request);
      if (expired.contains(request.getSessionId())) {
        to.onError(GrpcErrors.toStatus(ErrorCode.SESSION_EXPIRED.because("expired")));
        return;
      }
      var unused =
          held.whenComplete(
              (nothing, error) -> {
                if (error != null) {
                  to.onError(GrpcErrors.toStatus(Failures.of(error)));
                  return;
                }
                OpenReply.Builder reply = OpenReply.newBuilder();
                reply.getAttributesBuilder().setInode(request.getInode());
                to.onNext(reply.build());
                to.onCompleted();
              });
    }
  }

  /** Removes everything, but for the refusals it is told to give first. */
  private static final class Names extends NamespaceServiceGrpc.NamespaceServiceImplBase {
    final Queue<Exception> refusals = new ConcurrentLinkedQueue<>();
    final List<Long> sessions = new CopyOnWriteArrayList<>();

    @Override
    public void remove(RemoveRequest request, StreamObserver<RemoveReply> to) {
      sessions.add(request.getContext().getSessionId());
      Exception refusal = refusals.poll();
      if (refusal != null) {
        to.onError(refusal);
        return;
      }
      to.onNext(RemoveReply.getDefaultInstance());
      to.onCompleted();
    }
  }
}
