package dev.cairn.rpc.unary;

import dev.cairn.rpc.HostPort;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection from the callers' side, and the calls that wait for an answer on it. Who asks
 * writes to the socket himself, as far as it takes bytes at once; a thread of the connection's own
 * connects, reads, and writes what is left over.
 */
final class UnaryConnection {

  private static final Logger LOG = LoggerFactory.getLogger(UnaryConnection.class);
  private static final int CONNECT_MILLIS = 3000;
  private static final int INPUT_BYTES = 64 << 10;

  private final HostPort to;
  private final Selector selector;
  private final Thread thread = new Thread(this::run, "calls");
  private final Map<Long, UnaryCall<?, ?>> underWay = new ConcurrentHashMap<>();
  private final AtomicLong lastNumber = new AtomicLong();
  private volatile long heardNanos = System.nanoTime(); // or made: before its first call
  private volatile Status broken;
  private boolean writable; // of the thread alone: what the last selection found

  // Guarded by this.
  private final Queue<ByteBuffer> unsent = new ArrayDeque<>();
  private SocketChannel socket;
  private SelectionKey key;

  /** Makes a connection to a server of the given cluster; empty: of any. */
  UnaryConnection(HostPort to, String cluster) throws IOException {
    this.to = to;
    if (!cluster.isEmpty()) {
      unsent.add(UnaryFrames.cluster(cluster));
    }
    this.selector = Selector.open();
    thread.setDaemon(true);
    thread.start();
  }

  boolean isBroken() {
    return broken != null;
  }

  /** Says which cluster's server everything from now on is meant for. */
  void belongTo(String cluster) {
    try {
      send(UnaryFrames.cluster(cluster));
    } catch (IOException | RuntimeException e) {
      end(Status.UNKNOWN, e);
    }
  }

  /** Sends a question, as soon as the connection is made. */
  void ask(UnaryCall<?, ?> call) {
    long number = lastNumber.incrementAndGet();
    ByteBuffer frame = call.frame(number);
    underWay.put(number, call);
    try {
      send(frame);
    } catch (IOException | RuntimeException | Error e) {
      end(Status.UNKNOWN, e);
    }
    // Others' calls fail on the connection's thread: this one may hold locks that they want.
    if (broken != null && underWay.remove(number) != null) {
      call.fail(broken, new Metadata());
    }
  }

  private synchronized void send(ByteBuffer frame) throws IOException {
    unsent.add(frame);
    if (key != null && unsent.size() == 1) {
      sendOn();
    }
  }

  /** Writes as much as the socket takes, and asks to be told when it takes more. */
  private synchronized void sendOn() throws IOException {
    while (!unsent.isEmpty()) {
      socket.write(unsent.peek());
      if (unsent.peek().hasRemaining()) {
        key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        if (Thread.currentThread() != thread) {
          selector.wakeup();
        }
        return;
      }
      unsent.remove();
    }
    key.interestOps(SelectionKey.OP_READ);
  }

  /**
   * Forgets a call that was waited for in vain. Where nothing at all has come since it was sent,
   * the connection is taken for dead, as one is that was cut without a word.
   */
  void givenUp(UnaryCall<?, ?> call, long sentNanos) {
    underWay.values().remove(call);
    if (heardNanos - sentNanos < 0) {
      end(Status.UNKNOWN.withDescription("nothing more came"), null);
    }
  }

  /** Ends the connection; its thread fails what waits on it. */
  void close() {
    end(Status.UNKNOWN.withDescription("the channel is closed"), null);
  }

  private void run() {
    Status failing = Status.UNAVAILABLE;
    try {
      connect();
      failing = Status.UNKNOWN;
      begin();
      receive();
      end(Status.UNKNOWN.withDescription("the connection was closed"), null);
    } catch (IOException e) {
      end(failing, e);
    } catch (RuntimeException | Error e) {
      if (!isBroken()) {
        LOG.error("the connection to {} failed", to, e);
      }
      end(failing, e);
    } finally {
      failAll();
    }
  }

  /** Connects to the first of the host's addresses where somebody listens. */
  private void connect() throws IOException {
    IOException failure = null;
    for (InetAddress address : InetAddress.getAllByName(to.host())) {
      SocketChannel candidate = SocketChannel.open();
      try {
        take(candidate);
        candidate.socket().connect(new InetSocketAddress(address, to.port()), CONNECT_MILLIS);
        return;
      } catch (IOException e) {
        candidate.close();
        failure = e;
      }
    }
    throw failure;
  }

  private synchronized void take(SocketChannel candidate) throws IOException {
    if (broken != null) {
      throw new ClosedChannelException();
    }
    socket = candidate;
  }

  private synchronized void begin() throws IOException {
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    socket.write(UnaryFrames.preface()); // A new socket takes four bytes.
    socket.configureBlocking(false);
    key = socket.register(selector, SelectionKey.OP_READ);
    sendOn();
  }

  private void receive() throws IOException {
    ByteBuffer input = ByteBuffer.allocateDirect(INPUT_BYTES);
    FrameAssembly frames = new FrameAssembly(this::answered);
    while (broken == null) {
      writable = false;
      selector.select(selected -> writable = selected.isWritable());
      if (writable) {
        sendOn();
      }
      int read = socket.read(input);
      if (read < 0) {
        return;
      }
      if (read > 0) {
        heardNanos = System.nanoTime();
        frames.take(input.flip());
        input.clear();
      }
    }
  }

  private void answered(ByteBuffer frame) {
    UnaryCall<?, ?> call = underWay.remove(frame.getLong());
    if (call == null) {
      return;
    }
    try {
      call.answered(frame);
    } catch (RuntimeException e) {
      LOG.error("an answer of {} cannot be read", to, e);
      call.fail(Status.INTERNAL.withDescription("an answer cannot be read"), new Metadata());
    }
  }

  /** Ends the connection, once. What waits on it is failed by its thread. */
  private synchronized void end(Status why, Throwable cause) {
    if (broken != null) {
      return;
    }
    String words = why.getDescription() == null ? cause.toString() : why.getDescription();
    broken = why.withDescription(words).withCause(cause);
    try {
      if (socket != null) {
        socket.close();
      }
      selector.close();
    } catch (IOException e) {
      LOG.debug("the connection to {} could not be closed", to, e);
    }
  }

  private void failAll() {
    underWay
        .keySet()
        .forEach(
            number -> {
              UnaryCall<?, ?> call = underWay.remove(number);
              if (call != null) {
                call.fail(broken, new Metadata());
              }
            });
  }
}
