package dev.cairn.rpc.control;

import dev.cairn.rpc.admission.MethodBounds;
import dev.cairn.rpc.admission.UnfinishedRequests;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the bytes of one gRPC call's messages while they come: gRPC itself knows one bound for
 * the messages of all methods, and none for all calls together. gRPC resets a call whose tracer
 * throws. For the thread that reads the connection, but for {@link #giveUp}.
 */
final class RequestTracer extends ServerStreamTracer implements UnfinishedRequests.Unfinished {

  private static final Logger LOG = LoggerFactory.getLogger(RequestTracer.class);

  private static final Context.Key<RequestTracer> OF_CALL = Context.key("cairn-request-tracer");

  private final String method;
  private final UnfinishedRequests unfinished;
  private volatile ServerCall<?, ?> call;
  private long bytes; // of the message that is coming
  private boolean counted;

  private RequestTracer(String method, UnfinishedRequests unfinished) {
    this.method = method;
    this.unfinished = unfinished;
  }

  static ServerStreamTracer.Factory factory(UnfinishedRequests unfinished) {
    return new ServerStreamTracer.Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return new RequestTracer(method, unfinished);
      }
    };
  }

  /** The call on this thread is the one its tracer belongs to. */
  static void begun(ServerCall<?, ?> call) {
    RequestTracer tracer = OF_CALL.get();
    if (tracer != null) {
      tracer.call = call;
    }
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(OF_CALL, this);
  }

  @Override
  public void inboundWireSize(long more) {
    bytes += more;
    if (bytes > MethodBounds.of(method).mostBytes()) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription(MethodBounds.tooLong(method).getMessage())
          .asRuntimeException();
    }
    if (bytes > UnfinishedRequests.SMALL_BYTES) {
      counted = true;
      unfinished.holds(this, bytes, System.nanoTime());
    }
  }

  @Override
  public void inboundMessageRead(int number, long wireBytes, long messageBytes) {
    bytes = 0;
    done();
  }

  @Override
  public void streamClosed(Status status) {
    done();
  }

  private void done() {
    if (counted) {
      counted = false;
      unfinished.done(this);
    }
  }

  @Override
  public void giveUp() {
    ServerCall<?, ?> now = call;
    if (now == null) {
      return;
    }
    try {
      now.close(
          Status.UNAVAILABLE.withDescription("the request did not come in time"), new Metadata());
    } catch (IllegalStateException e) {
      // The service has closed the call meanwhile, and so its bytes are gone.
      LOG.debug("a call of {} was closed before it was given up", method, e);
    }
  }
}
