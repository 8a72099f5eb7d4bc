package dev.cairn.rpc.control;

import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.metrics.Operation;
import dev.cairn.rpc.metrics.Operations;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Measures the calls of a service, whichever way they come: from the moment its method gets a call
 * to the moment that one is closed.
 */
final class MeteredService {

  /** Behind the numbers of our own errors: those of gRPC's, in the order of its codes. */
  private static final int GRPC = 200;

  private MeteredService() {}

  /** Names results, for {@link Operations}. */
  static String result(int number) {
    return (number > GRPC
            ? "grpc_" + Status.fromCodeValue(number - GRPC).getCode()
            : ErrorCode.ofNumber(number).toString())
        .toLowerCase(Locale.ROOT);
  }

  static ServerServiceDefinition of(ServerServiceDefinition service, Operations operations) {
    ServerServiceDefinition.Builder metered =
        ServerServiceDefinition.builder(service.getServiceDescriptor());
    service.getMethods().forEach(method -> metered.addMethod(of(method, operations)));
    return metered.build();
  }

  private static <Q, R> ServerMethodDefinition<Q, R> of(
      ServerMethodDefinition<Q, R> method, Operations operations) {
    String name = method.getMethodDescriptor().getBareMethodName();
    return method.withServerCallHandler(
        new Handler<>(method.getServerCallHandler(), operations.named(name)));
  }

  private record Handler<Q, R>(ServerCallHandler<Q, R> next, Operation operation)
      implements ServerCallHandler<Q, R> {

    @Override
    public ServerCall.Listener<Q> startCall(ServerCall<Q, R> call, Metadata headers) {
      Call<Q, R> metered = new Call<>(call, operation);
      return new Cancelling<>(next.startCall(metered, headers), metered);
    }
  }

  private static final class Call<Q, R> extends SimpleForwardingServerCall<Q, R> {

    private final Operation operation;
    private final long beganNanos;
    private final AtomicBoolean over = new AtomicBoolean();

    Call(ServerCall<Q, R> call, Operation operation) {
      super(call);
      this.operation = operation;
      this.beganNanos = operation.begin();
    }

    @Override
    public void close(Status status, Metadata trailers) {
      super.close(status, trailers);
      ended(status.isOk() ? Operation.OK : failure(status, trailers));
    }

    private void ended(int result) {
      if (over.compareAndSet(false, true)) {
        operation.ended(beganNanos, result);
      }
    }

    private static int failure(Status status, Metadata trailers) {
      int own = GrpcErrors.number(trailers);
      return own != 0 ? own : GRPC + status.getCode().value();
    }
  }

  /** A stream that its client cancels is over, though nobody closes it. */
  private static final class Cancelling<Q> extends SimpleForwardingServerCallListener<Q> {

    private final Call<Q, ?> call;

    Cancelling(ServerCall.Listener<Q> next, Call<Q, ?> call) {
      super(next);
      this.call = call;
    }

    @Override
    public void onCancel() {
      super.onCancel();
      call.ended(GRPC + Status.Code.CANCELLED.value());
    }
  }
}
