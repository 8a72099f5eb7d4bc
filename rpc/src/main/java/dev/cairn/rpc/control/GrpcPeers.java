package dev.cairn.rpc.control;

import dev.cairn.rpc.admission.ServedPeer;
import dev.cairn.rpc.unary.UnaryPort;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts gRPC's calls for the connections they come by, which gRPC names by their addresses. */
final class GrpcPeers implements ServerInterceptor, UnaryPort.PeersByChannel {

  private final Map<SocketAddress, ServedPeer> peers = new ConcurrentHashMap<>();

  @Override
  public void admitted(InetSocketAddress address, ServedPeer peer) {
    if (address != null) {
      peers.put(address, peer);
    }
  }

  @Override
  public void gone(InetSocketAddress address, ServedPeer peer) {
    if (address != null) {
      peers.remove(address, peer);
    }
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    RequestTracer.begun(call);
    ServedPeer peer = peers.get(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    ServerCall.Listener<Q> listener = next.startCall(call, headers);
    return peer == null ? listener : new Counted<>(listener, peer);
  }

  /** Events of one call come one after the other. */
  private static final class Counted<Q> extends SimpleForwardingServerCallListener<Q> {

    private final ServedPeer peer;
    private boolean asked;

    Counted(ServerCall.Listener<Q> listener, ServedPeer peer) {
      super(listener);
      this.peer = peer;
    }

    @Override
    public void onMessage(Q message) {
      if (!asked) {
        asked = true;
        peer.asked(System.nanoTime());
      }
      super.onMessage(message);
    }

    @Override
    public void onComplete() {
      over();
      super.onComplete();
    }

    @Override
    public void onCancel() {
      over();
      super.onCancel();
    }

    private void over() {
      if (asked) {
        asked = false;
        peer.answered(System.nanoTime());
      }
    }
  }
}
