package dev.cairn.chunkserver.data;

import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.wire.Connection;
import dev.cairn.rpc.wire.FrameChannel;
import dev.cairn.rpc.wire.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for connections and serves each on a thread of its own. */
public final class DataPort implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(DataPort.class);
  private static final long ACCEPT_PAUSE_MILLIS = 100;

  private final Transport.Listener listener;
  private final PortContext context;
  private final ExecutorService threads = Executors.newCachedThreadPool(named());
  private final Set<Conversation> open = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread acceptor = new Thread(this::accept, "data-accept");

  /** Why nothing is served; null when everything is. */
  private volatile CairnException withheld;

  private DataPort(
      ChunkStore store,
      Transport transport,
      Transport.Listener listener,
      Supplier<String> clusterId,
      DataPortSettings settings) {
    this.listener = listener;
    this.context =
        new PortContext(
            store,
            transport,
            new BufferPool(settings.bufferBytes()),
            threads,
            settings,
            new RareLog(),
            clusterId,
            new AtomicBoolean(),
            new LongAdder(),
            PortMeter.begin());
  }

  /**
   * Listens at an address, and forwards through the same transport, until it is closed.
   *
   * @param clusterId of the cluster the store's chunks belong to; empty while there is none
   */
  public static DataPort open(
      ChunkStore store,
      Transport transport,
      HostPort at,
      Supplier<String> clusterId,
      DataPortSettings settings)
      throws IOException {
    DataPort port = new DataPort(store, transport, transport.listen(at), clusterId, settings);
    port.acceptor.setDaemon(true);
    port.acceptor.start();
    return port;
  }

  private static ThreadFactory named() {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "data-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** The TCP port listened at. */
  public int port() {
    return listener.port();
  }

  /** Why nothing is served; empty when everything is. */
  public String withheld() {
    CairnException reason = withheld;
    return reason == null ? "" : reason.getMessage();
  }

  /** What it has served. */
  public PortMeter meter() {
    return context.meter();
  }

  /** Bytes that its buffers may take. */
  public long bufferBytes() {
    return context.settings().bufferBytes();
  }

  public int openConnections() {
    return open.size();
  }

  /** Bytes read and written for clients so far. */
  public long clientBytes() {
    return context.clientBytes().sum();
  }

  /** Refuses clients' bytes from now on, or takes them again. */
  public void drain(boolean draining) {
    if (context.draining().getAndSet(draining) != draining) {
      LOG.info(draining ? "being drained: no more is written here" : "no longer to be drained");
    }
  }

  /** Ends all conversations, and refuses new ones for the reason in that sentence. */
  public void withhold(String why) {
    CairnException before = withheld;
    if (before == null || !before.getMessage().equals(why)) {
      LOG.error("nothing is served: {}", why);
    }
    withheld = ErrorCode.IDENTITY_IN_USE.because(why);
    open.forEach(Conversation::stop);
  }

  /** Serves again. */
  public void serve() {
    if (withheld != null) {
      withheld = null;
      LOG.info("everything is served again");
    }
  }

  /** Bytes of payload memory in use. */
  public long lentBytes() {
    return context.buffers().lentBytes();
  }

  private void accept() {
    while (closed.getCount() > 0) {
      try {
        begin(listener.accept());
      } catch (IOException e) {
        if (closed.getCount() > 0) {
          // Out of descriptors, most likely: connections that end give some back.
          context.log().warn("connections cannot be accepted: " + e.getMessage());
          pause();
        }
      } catch (RuntimeException | OutOfMemoryError e) {
        // The boundary of the thread: without it nobody could connect any more.
        LOG.error("accepting a connection failed", e);
        pause();
      }
    }
  }

  private void pause() {
    try {
      closed.await(ACCEPT_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void begin(Connection connection) throws IOException {
    if (open.size() >= context.settings().connections() && !dropSilent()) {
      refuse(
          connection,
          ErrorCode.BUSY.because(
              "the chunk server has its " + context.settings().connections() + " connections"));
      return;
    }
    CairnException reason = withheld;
    if (reason != null) {
      refuse(connection, reason);
      return;
    }
    Conversation conversation = null;
    boolean begun = false;
    try {
      conversation = new Conversation(connection, context);
      execute(conversation);
      begun = true;
      if (withheld != null) {
        conversation.stop();
      }
    } finally {
      if (!begun) {
        if (conversation != null) {
          open.remove(conversation);
        }
        connection.close();
      }
    }
  }

  private void execute(Conversation conversation) {
    open.add(conversation);
    threads.execute(() -> run(conversation));
  }

  /**
   * Ends the conversation that has been silent for longest, to make room for another one; false
   * when none is. Idle connections, and headers that never end, do not keep others out.
   */
  private boolean dropSilent() {
    Conversation silent = null;
    long longest = -1;
    for (Conversation each : open) {
      long waited = each.silentNanos();
      if (waited > longest) {
        silent = each;
        longest = waited;
      }
    }
    if (silent == null) {
      return false;
    }
    context.log().warn("all connections of the data port are taken: a silent one is closed");
    open.remove(silent);
    silent.drop();
    return true;
  }

  private void run(Conversation conversation) {
    try {
      conversation.run();
    } finally {
      open.remove(conversation);
    }
  }

  private void refuse(Connection connection, CairnException reason) throws IOException {
    context.log().warn(connection.peer() + " is refused: " + reason.getMessage());
    try (connection) {
      // The few bytes fit into the socket's buffer: this does not wait.
      new FrameChannel(connection)
          .send(DataHeader.newBuilder().setFailure(reason.toFailure()).build());
    }
  }

  /** Stops listening and ends all conversations; what they acknowledged is in the store. */
  @Override
  public void close() {
    closed.countDown();
    listener.close();
    open.forEach(Conversation::stop);
    // Not shutdownNow: an interrupt would close the files that a thread is using.
    threads.shutdown();
    try {
      if (!threads.awaitTermination(
          context.settings().linger().toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{} connections did not end in time", open.size());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
