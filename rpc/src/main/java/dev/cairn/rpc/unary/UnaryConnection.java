package dev.cairn.rpc.unary;

import dev.cairn.rpc.HostPort;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
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
  private final SocketChannel socket;
  private final Selector selector;
  private final Map<Long, UnaryCall<?, ?>> underWay = new ConcurrentHashMap<>();
  private final AtomicLong lastNumber = new AtomicLong();
  private volatile long heardNanos = System.nanoTime(); // or made: before its first call
  private volatile Status broken;

  // Guarded by this.
  private final Queue<ByteBuffer> unsent = new ArrayDeque<>();
  private SelectionKey connected;

  UnaryConnection(HostPort to) throws IOException {
    this.to = to;
    this.selector = Selector.open();
    this.socket = openSocket(selector);
    Thread thread = new Thread(this::run, "calls");
    thread.setDaemon(true);
    thread.start();
  }

  private static SocketChannel openSocket(Selector selector) throws IOException {
    try {
      return SocketChannel.open();
    } catch (IOException e) {
      selector.close();
      throw e;
    }
  }

  boolean isBroken() {
    return broken != null;
  }

  /** Sends a question, as soon as the connection is made. */
  void ask(UnaryCall<?, ?> call) {
    long number = lastNumber.incrementAndGet();
    underWay.put(number, call);
    try {
      send(call.frame(number));
    } catch (IOException e) {
      end(Status.UNKNOWN, e);
    }
    if (broken != null) {
      failAll();
    }
  }

  private synchronized void send(ByteBuffer frame) throws IOException {
    unsent.add(frame);
    if (connected != null && unsent.size() == 1) {
      sendOn();
    }
  }

  private synchronized void sendRest() throws IOException {
    connected.interestOps(SelectionKey.OP_READ);
    sendOn();
  }

  /** Writes as much as the socket takes, and asks to be told when it takes more. */
  private synchronized void sendOn() throws IOException {
    while (!unsent.isEmpty()) {
      socket.write(unsent.peek());
      if (unsent.peek().hasRemaining()) {
        connected.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        selector.wakeup();
        return;
      }
      unsent.remove();
    }
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

  void close() {
    end(Status.UNAVAILABLE.withDescription("the channel is closed"), null);
  }

  private void run() {
    try {
      connect();
    } catch (IOException e) {
      end(Status.UNAVAILABLE, e);
      return;
    }
    try {
      receive();
      end(Status.UNKNOWN.withDescription("the connection was closed"), null);
    } catch (IOException e) {
      end(Status.UNKNOWN, e);
    } catch (RuntimeException e) {
      if (!isBroken()) {
        LOG.error("the answers of {} can no longer be read", to, e);
      }
      end(Status.UNKNOWN, e);
    }
  }

  private void connect() throws IOException {
    InetSocketAddress address = to.resolve();
    if (address.isUnresolved()) {
      throw new UnknownHostException("the host name of " + to + " is unknown");
    }
    socket.socket().connect(address, CONNECT_MILLIS);
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    socket.configureBlocking(false);
    synchronized (this) {
      connected = socket.register(selector, SelectionKey.OP_READ);
      ByteBuffer preface = UnaryFrames.preface();
      while (preface.hasRemaining()) {
        socket.write(preface);
      }
      sendOn();
    }
  }

  private void receive() throws IOException {
    ByteBuffer input = ByteBuffer.allocateDirect(INPUT_BYTES);
    FrameAssembly frames = new FrameAssembly(this::answered);
    while (broken == null) {
      selector.select();
      selector.selectedKeys().clear();
      if (connected.isWritable()) {
        sendRest();
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
    if (call != null) {
      call.answered(frame);
    }
  }

  /** Ends the connection, once, and fails what waits on it. */
  private void end(Status why, Throwable cause) {
    synchronized (this) {
      if (broken == null) {
        String words = why.getDescription() == null ? cause.toString() : why.getDescription();
        broken = why.withDescription(words).withCause(cause);
        try {
          socket.close();
          selector.close();
        } catch (IOException e) {
          LOG.debug("a connection to {} could not be closed", to, e);
        }
      }
    }
    failAll();
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
