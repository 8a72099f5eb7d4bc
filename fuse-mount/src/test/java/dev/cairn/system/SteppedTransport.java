package dev.cairn.system;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.wire.Connection;
import dev.cairn.rpc.wire.SocketTransport;
import dev.cairn.rpc.wire.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Sockets on which every connect, read and write is a step, and something happens before one. */
final class SteppedTransport implements Transport {

  /** Happens to the server that a step is about. */
  interface Fault {
    void happen(HostPort server) throws IOException;
  }

  private final Transport sockets = new SocketTransport();
  private final AtomicInteger steps = new AtomicInteger();
  private final int fatalStep;
  private final Fault fault;

  /**
   * Wraps sockets.
   *
   * @param fatalStep the step, from 1, before which the fault happens
   */
  SteppedTransport(int fatalStep, Fault fault) {
    this.fatalStep = fatalStep;
    this.fault = fault;
  }

  /** How many steps there were so far. */
  int steps() {
    return steps.get();
  }

  private void step(HostPort server) throws IOException {
    if (steps.incrementAndGet() == fatalStep) {
      fault.happen(server);
    }
  }

  @Override
  public Connection connect(HostPort to, Duration timeout) throws IOException {
    step(to);
    return new SteppedConnection(to, sockets.connect(to, timeout));
  }

  @Override
  public Listener listen(HostPort at) throws IOException {
    return sockets.listen(at);
  }

  private final class SteppedConnection implements Connection {

    private final HostPort server;
    private final Connection socket;

    SteppedConnection(HostPort server, Connection socket) {
      this.server = server;
      this.socket = socket;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      step(server);
      return socket.read(into);
    }

    @Override
    public void write(ByteBuffer... from) throws IOException {
      step(server);
      socket.write(from);
    }

    @Override
    public void deadline(Duration fromNow) {
      socket.deadline(fromNow);
    }

    @Override
    public void clearDeadline() {
      socket.clearDeadline();
    }

    @Override
    public String peer() {
      return socket.peer();
    }

    @Override
    public void close() {
      socket.close();
    }
  }
}
