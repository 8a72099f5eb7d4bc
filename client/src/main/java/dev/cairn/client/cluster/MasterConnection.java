package dev.cairn.client.cluster;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.GrpcErrors;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractBlockingStub;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A connection to one service of a master, for callers that wait for its answers. */
final class MasterConnection<S extends AbstractBlockingStub<S>> implements AutoCloseable {

  private final HostPort master;
  private final ManagedChannel channel;
  private final S stub;

  MasterConnection(HostPort master, Function<Channel, S> service) {
    this.master = master;
    this.channel = ControlPlane.channel(master);
    this.stub = service.apply(channel);
  }

  /** The answer to a question, or an error that names the master. */
  <R> R ask(Duration within, Function<S, R> question) throws CairnException {
    try {
      return question.apply(stub.withDeadlineAfter(within.toMillis(), TimeUnit.MILLISECONDS));
    } catch (StatusRuntimeException e) {
      throw failure(e);
    }
  }

  /** For questions that take as long as they take. */
  S stub() {
    return stub;
  }

  CairnException failure(StatusRuntimeException error) {
    return GrpcErrors.fromThrowable(error, toString());
  }

  @Override
  public String toString() {
    return "the master at " + master;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
