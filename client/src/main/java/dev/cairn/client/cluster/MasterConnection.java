package dev.cairn.client.cluster;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Retry;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractBlockingStub;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A connection to one service of a master, for callers that wait for its answers. A question is
 * asked again while the master cannot be reached, until the timeout: the master may be starting.
 */
final class MasterConnection<S extends AbstractBlockingStub<S>> implements AutoCloseable {

  private static final Retry.Pauses PAUSES =
      new Retry.Pauses(Duration.ofMillis(100), Duration.ofSeconds(1));

  /** A name may be unknown for a moment, while the resolver has trouble. */
  private static final Duration UNKNOWN_HOST_PATIENCE = Duration.ofSeconds(2);

  private final HostPort master;
  private final Duration timeout;
  private final ManagedChannel channel;
  private final S stub;

  MasterConnection(HostPort master, Duration timeout, Function<Channel, S> service) {
    this.master = master;
    this.timeout = timeout;
    this.channel = ControlPlane.channel(master);
    this.stub = service.apply(channel);
  }

  /** The answer to a question that may be asked twice, or an error that names the master. */
  <R> R ask(Function<S, R> question) throws CairnException {
    return ask(question, error -> error.code().retry() == ErrorCode.Retry.YES);
  }

  /** The same for what must not be done twice: it is not sent again once it may have arrived. */
  <R> R askOnce(Function<S, R> question) throws CairnException {
    return ask(question, GrpcErrors::isUnsent);
  }

  private <R> R ask(Function<S, R> question, Predicate<CairnException> mayPass)
      throws CairnException {
    Retry retry = new Retry(PAUSES, timeout);
    while (true) {
      long leftMillis = Math.max(1, timeout.minus(retry.waited()).toMillis());
      try {
        return question.apply(stub.withDeadlineAfter(leftMillis, TimeUnit.MILLISECONDS));
      } catch (StatusRuntimeException e) {
        CairnException error = failure(e);
        boolean hopeless =
            GrpcErrors.isUnknownHost(error) && retry.waited().compareTo(UNKNOWN_HOST_PATIENCE) >= 0;
        if (!mayPass.test(error) || retry.isOver() || hopeless) {
          throw error;
        }
      }
      retry.pause();
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        throw ErrorCode.INTERRUPTED.because("the question to " + this + " was interrupted");
      }
      channel.resetConnectBackoff();
    }
  }

  /** Another service of the same master. */
  <T extends AbstractBlockingStub<T>> MasterConnection<T> service(Function<Channel, T> service) {
    return new MasterConnection<>(master, timeout, channel, service.apply(channel));
  }

  private MasterConnection(HostPort master, Duration timeout, ManagedChannel channel, S stub) {
    this.master = master;
    this.timeout = timeout;
    this.channel = channel;
    this.stub = stub;
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
