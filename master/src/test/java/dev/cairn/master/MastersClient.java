package dev.cairn.master;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.KeepAliveReply;
import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.LookupRequest;
import dev.cairn.rpc.proto.MastersServiceGrpc;
import dev.cairn.rpc.proto.NamespaceServiceGrpc;
import dev.cairn.rpc.proto.OpenSessionReply;
import dev.cairn.rpc.proto.OpenSessionRequest;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.SessionServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** A client of several masters: asks them in turn until one answers. For one thread. */
final class MastersClient implements AutoCloseable {

  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long CALL_SECONDS = 5;

  private final RunningMasters masters;
  private final Map<Integer, ManagedChannel> channels = new HashMap<>();
  private final OpenSessionReply session;
  private int asked;
  private long sequence;

  MastersClient(RunningMasters masters) {
    this.masters = masters;
    this.session =
        ask(
            channel ->
                SessionServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                    .openSession(OpenSessionRequest.newBuilder().setDescription("test").build()));
  }

  /** Makes a directory; returns its inode. The same request is sent again until it is answered. */
  long create(String name) {
    sequence++;
    CreateRequest request =
        CreateRequest.newBuilder()
            .setContext(
                RequestContext.newBuilder()
                    .setSessionId(session.getSessionId())
                    .setEpoch(session.getEpoch())
                    .setSequence(sequence)
                    .setAnsweredBelow(sequence))
            .setParent(RunningMaster.ROOT)
            .setName(ByteString.copyFromUtf8(name))
            .setType(FileType.DIRECTORY)
            .setPermissions(0755)
            .setExclusive(true)
            .build();
    return ask(channel -> names(channel).create(request)).getAttributes().getInode();
  }

  boolean exists(String name) {
    try {
      return ask(channel ->
                  names(channel)
                      .lookup(
                          LookupRequest.newBuilder()
                              .setParent(RunningMaster.ROOT)
                              .setName(ByteString.copyFromUtf8(name))
                              .build()))
              .getAttributes()
              .getInode()
          != 0;
    } catch (StatusRuntimeException e) {
      if (refusal(e).code() == ErrorCode.NO_ENTRY) {
        return false;
      }
      throw e;
    }
  }

  private static NamespaceServiceGrpc.NamespaceServiceBlockingStub names(ManagedChannel channel) {
    return NamespaceServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
  }

  static CairnException refusal(StatusRuntimeException error) {
    return GrpcErrors.fromThrowable(error, "the master");
  }

  ManagedChannel channel(int number) {
    return channels.computeIfAbsent(number, key -> ControlPlane.channel(masters.address(key)));
  }

  MastersServiceGrpc.MastersServiceBlockingStub members(int number) {
    return MastersServiceGrpc.newBlockingStub(channel(number))
        .withDeadlineAfter(CALL_SECONDS * 4, TimeUnit.SECONDS);
  }

  /** Asks the masters in turn until one answers or refuses for good. */
  <R> R ask(Function<ManagedChannel, R> question) {
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    while (true) {
      ManagedChannel channel = channel(asked);
      try {
        return question.apply(channel);
      } catch (StatusRuntimeException e) {
        CairnException why = refusal(e);
        if (why.code().retry() == ErrorCode.Retry.NO || System.nanoTime() > deadline) {
          throw e;
        }
        if (why.code() == ErrorCode.STARTING) {
          comeBack(channel);
        } else {
          asked = (asked + 1) % masters.peers().size();
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
  }

  /** Tells a new leader that nothing is open. */
  private void comeBack(ManagedChannel channel) {
    KeepAliveRequest request =
        KeepAliveRequest.newBuilder()
            .setSessionId(session.getSessionId())
            .setEpoch(session.getEpoch())
            .build();
    SessionServiceGrpc.SessionServiceBlockingStub sessions =
        SessionServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    try {
      long incarnation = sessions.keepAlive(request).getMasterIncarnation();
      KeepAliveReply unused =
          sessions.keepAlive(
              request.toBuilder()
                  .setOpenInodesComplete(true)
                  .setMasterIncarnation(incarnation)
                  .build());
    } catch (StatusRuntimeException e) {
      // It does not lead any more; the next one is asked.
      asked = (asked + 1) % masters.peers().size();
    }
  }

  @Override
  public void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
  }
}
