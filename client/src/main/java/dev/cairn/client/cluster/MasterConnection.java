package dev.cairn.client.cluster;

import dev.cairn.client.Failures;
import dev.cairn.client.Timer;
import dev.cairn.client.master.Calls;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.error.CairnException;
import io.grpc.MethodDescriptor;
import java.time.Duration;

/**
 * The way to the master that leads, for callers that wait for its answers. A question is asked
 * again while none can be reached that leads, until the timeout: a master may be starting, or about
 * to be elected.
 */
final class MasterConnection implements AutoCloseable {

  private final Timer timer = new Timer();
  private final Calls calls;

  MasterConnection(Masters masters, Duration timeout) {
    this.calls = Calls.ofCommand(masters, timeout, timer);
  }

  /** The answer to a question that may be asked twice, or an error that names the master. */
  <Q, R> R ask(MethodDescriptor<Q, R> method, Q question) throws CairnException {
    return Failures.await(calls.call(method, question));
  }

  /** The same for what must not be done twice: it is not sent again once it may be done. */
  <Q, R> R askOnce(MethodDescriptor<Q, R> method, Q question) throws CairnException {
    return Failures.await(calls.once(method, question));
  }

  /** The master that answered last. */
  HostPort leader() {
    return calls.leader();
  }

  @Override
  public void close() {
    timer.close();
    calls.close();
  }
}
