package dev.cairn.client.master;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.control.ControlServer;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.AwaitLockRequest;
import dev.cairn.rpc.proto.KeepAliveReply;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.LockServiceGrpc;
import dev.cairn.rpc.proto.NamespaceServiceGrpc;
import dev.cairn.rpc.proto.OpenSessionReply;
import dev.cairn.rpc.proto.OpenSessionRequest;
import dev.cairn.rpc.proto.RemoveReply;
import dev.cairn.rpc.proto.RemoveRequest;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.SessionServiceGrpc;
import dev.cairn.rpc.proto.SetLockReply;
import dev.cairn.rpc.proto.StatFilesystemReply;
import dev.cairn.rpc.proto.StatFilesystemRequest;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Masters in this process that share what they have done, as if it were replicated. Each leads,
 * follows, hangs or is dead, as a test says.
 */
final class ScriptedMasters {

  /** What a master does with requests. */
  enum Mode {
    LEADS,
    /** It refuses, and names what it takes for the leader. */
    FOLLOWS,
    /** It takes requests and answers none, as a process that stands still. */
    HANGS,
    /** It does what is asked, and refuses as a leader that was voted out before it could answer. */
    LOSES_ANSWERS,
    /** It answers small questions; what it has to do it does not get done. */
    BUSY
  }

  /** One of them. */
  final class One {
    final int number;
    final List<String> heard = new CopyOnWriteArrayList<>();
    volatile Mode mode = Mode.FOLLOWS;
    volatile String hint = "";
    volatile boolean knowsClient;
    private ControlServer server;
    private int port;

    One(int number) {
      this.number = number;
    }

    HostPort address() {
      return new HostPort("127.0.0.1", port);
    }

    void start() throws IOException {
      server =
          ControlServer.start(
              new HostPort("127.0.0.1", port),
              List.of(new Sessions(this), new Names(this), new Locks(this)),
              threads);
      port = server.port();
    }

    void die() throws InterruptedException {
      server.stop();
    }

    /** Leads from now on, as one that has just been elected. */
    void lead() {
      knowsClient = false;
      mode = Mode.LEADS;
    }

    /** Whether to go on with a request; otherwise it is refused, or never answered. */
    private boolean admits(String what, StreamObserver<?> call) {
      heard.add(what);
      switch (mode) {
        case FOLLOWS -> call.onError(GrpcErrors.toStatus(CairnException.notLeader(hint)));
        case HANGS -> hanging.add(call);
        default -> {
          return true;
        }
      }
      return false;
    }
  }

  final List<One> all = new ArrayList<>();
  final Set<Long> done = ConcurrentHashMap.newKeySet();
  final List<Long> doneInOrder = new CopyOnWriteArrayList<>();
  final List<Long> sessions = new CopyOnWriteArrayList<>();
  final AtomicInteger opened = new AtomicInteger();
  volatile List<String> members = List.of();
  private final List<StreamObserver<?>> hanging = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  ScriptedMasters(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      One one = new One(i);
      one.start();
      all.add(one);
    }
  }

  One get(int number) {
    return all.get(number);
  }

  Masters addresses() {
    return new Masters(all.stream().map(One::address).toList());
  }

  /** The given one leads, and all others that follow say so. */
  void lead(int number) {
    all.forEach(one -> one.hint = get(number).address().toString());
    get(number).lead();
  }

  void stop() throws InterruptedException {
    for (One one : all) {
      one.die();
    }
    threads.shutdownNow();
  }

  private static <T> void reply(StreamObserver<T> call, T reply) {
    call.onNext(reply);
    call.onCompleted();
  }

  private final class Sessions extends SessionServiceGrpc.SessionServiceImplBase {
    private final One of;

    Sessions(One of) {
      this.of = of;
    }

    @Override
    public void openSession(OpenSessionRequest request, StreamObserver<OpenSessionReply> call) {
      if (of.admits("open", call)) {
        of.knowsClient = true;
        reply(
            call,
            OpenSessionReply.newBuilder()
                .setSessionId(opened.incrementAndGet())
                .setEpoch(1)
                .setHeartbeatMillis(60_000)
                .setMasterIncarnation(100 + of.number)
                .addAllMasters(members)
                .build());
      }
    }

    @Override
    public void keepAlive(KeepAliveRequest request, StreamObserver<KeepAliveReply> call) {
      if (of.admits(request.getOpenInodesComplete() ? "back" : "alive", call)) {
        of.knowsClient |= request.getOpenInodesComplete();
        reply(
            call,
            KeepAliveReply.newBuilder()
                .setMasterIncarnation(100 + of.number)
                .addAllMasters(members)
                .build());
      }
    }
  }

  private final class Names extends NamespaceServiceGrpc.NamespaceServiceImplBase {
    private final One of;

    Names(One of) {
      this.of = of;
    }

    @Override
    public void statFilesystem(
        StatFilesystemRequest request, StreamObserver<StatFilesystemReply> call) {
      if (of.admits("stat", call)) {
        reply(call, StatFilesystemReply.getDefaultInstance());
      }
    }

    @Override
    public void remove(RemoveRequest request, StreamObserver<RemoveReply> call) {
      if (!of.admits("remove", call)) {
        return;
      }
      if (!of.knowsClient) {
        call.onError(GrpcErrors.toStatus(ErrorCode.STARTING.because("who are you")));
        return;
      }
      if (of.mode == Mode.BUSY) {
        hanging.add(call);
        return;
      }
      RequestContext context = request.getContext();
      if (done.add(context.getSequence())) {
        doneInOrder.add(context.getSequence());
        sessions.add(context.getSessionId());
      }
      if (of.mode == Mode.LOSES_ANSWERS) {
        CairnException refusal = CairnException.notLeader(of.hint).ofWhatMayBeDone();
        call.onError(GrpcErrors.toStatus(refusal));
      } else {
        reply(call, RemoveReply.getDefaultInstance());
      }
    }
  }

  private static final class Locks extends LockServiceGrpc.LockServiceImplBase {
    private final One of;

    Locks(One of) {
      this.of = of;
    }

    @Override
    public void awaitLock(AwaitLockRequest request, StreamObserver<SetLockReply> call) {
      if (of.admits("await", call)) {
        reply(call, SetLockReply.getDefaultInstance());
      }
    }
  }

  /** Lets a busy master answer what waits there. */
  void answerRemovals() {
    for (StreamObserver<?> call : hanging) {
      @SuppressWarnings("unchecked")
      StreamObserver<RemoveReply> removal = (StreamObserver<RemoveReply>) call;
      reply(removal, RemoveReply.getDefaultInstance());
    }
    hanging.clear();
  }
}
