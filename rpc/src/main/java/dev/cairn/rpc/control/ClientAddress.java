package dev.cairn.rpc.control;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** The address that a call comes from, for services that ask. */
public final class ClientAddress {

  private static final Context.Key<String> KEY = Context.keyWithDefault("cairn-client-address", "");

  private ClientAddress() {}

  /** The service, whose methods can ask for {@link #current}. */
  public static BindableService seenBy(BindableService service) {
    return () -> ServerInterceptors.intercept(service, new Seeing());
  }

  /** The address of the client whose call this thread handles, as text; empty: not known. */
  public static String current() {
    return KEY.get();
  }

  private static final class Seeing implements ServerInterceptor {

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      SocketAddress peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
      String address =
          peer instanceof InetSocketAddress internet && internet.getAddress() != null
              ? internet.getAddress().getHostAddress()
              : "";
      return Contexts.interceptCall(Context.current().withValue(KEY, address), call, headers, next);
    }
  }
}
