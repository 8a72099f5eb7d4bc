package dev.cairn.rpc.unary;

import dev.cairn.rpc.HostPort;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import java.io.Closeable;
import java.io.IOException;

/**
 * Unary calls to one address, over a connection that is made when it is first needed and again when
 * it broke. Callbacks run on the one thread that reads the connection, which spares a wake-up per
 * call: they must not block. The calls' options are not looked at, so that blocking stubs cannot be
 * used; a deadline is the caller's, who cancels.
 */
public final class UnaryChannel extends Channel implements Closeable {

  private final HostPort to;
  private volatile UnaryConnection connection;
  private String cluster = "";
  private boolean closed;

  public UnaryChannel(HostPort to) {
    this.to = to;
  }

  @Override
  public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
    return new UnaryCall<>(this, method);
  }

  @Override
  public String authority() {
    return to.toString();
  }

  /** The connection in force, which may be one that is still being made. */
  UnaryConnection connection() throws IOException {
    UnaryConnection now = connection;
    return now != null && !now.isBroken() ? now : connect();
  }

  private synchronized UnaryConnection connect() throws IOException {
    if (closed) {
      throw new IOException("the channel is closed");
    }
    if (connection == null || connection.isBroken()) {
      connection = new UnaryConnection(to, cluster);
    }
    return connection;
  }

  /**
   * Has the server asked, from now on and on every connection, as one of the given cluster: the
   * server of another cluster, which may have taken the address over, refuses every call.
   */
  public synchronized void belongTo(String clusterId) {
    if (!cluster.equals(clusterId)) {
      cluster = clusterId;
      if (connection != null) {
        connection.belongTo(clusterId);
      }
    }
  }

  /** Breaks the connection off, and fails what is under way. */
  @Override
  public synchronized void close() {
    closed = true;
    if (connection != null) {
      connection.close();
    }
  }
}
