package dev.cairn.chunkserver.copy;

import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.BuildOrder;
import dev.cairn.rpc.proto.ChunkCopy;
import dev.cairn.rpc.proto.ChunkPart;
import dev.cairn.rpc.proto.CopyOrder;
import dev.cairn.rpc.proto.CopyResult;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.wire.Transport;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copies this server was ordered to make. The monitor guards what waits, what is under way and
 * what the master has yet to hear.
 */
public final class Copies implements Closeable {

  /**
   * What one heartbeat says.
   *
   * @param ended copies that ended
   * @param pending chunks whose copies have not, or that did not fit
   */
  public record Page(List<CopyResult> ended, List<Long> pending) {}

  private static final Logger LOG = LoggerFactory.getLogger(Copies.class);

  private final ChunkStore store;
  private final Transport transport;
  private final Supplier<String> clusterId;
  private final Throttle throttle;
  private final Consumer<CopyResult> news;
  private final Map<Long, CopyTask> waiting = new LinkedHashMap<>();
  private final Set<Long> underWay = new HashSet<>();
  private final Map<Long, CopyResult> ended = new LinkedHashMap<>();
  private final Map<CopyWorker, Thread> workers = new LinkedHashMap<>();
  private final LongAdder made = new LongAdder();
  private final LongAdder madeBytes = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private int workersStarted;
  private boolean stopped;

  /**
   * @param clusterId of this server's cluster, whose servers are copied from
   * @param clientBytes what was read and written here for clients so far
   * @param news told, on a worker's thread, of what the masters should hear soon
   */
  public Copies(
      ChunkStore store,
      Transport transport,
      Supplier<String> clusterId,
      LongSupplier clientBytes,
      Consumer<CopyResult> news) {
    this.store = store;
    this.transport = transport;
    this.clusterId = clusterId;
    this.throttle = new Throttle(System::nanoTime, clientBytes);
    this.news = news;
  }

  /** Takes what the answer to a heartbeat orders; what is known already is not taken twice. */
  public synchronized void take(HeartbeatReply reply) {
    throttle.rate(reply.getCopyBytesPerSecond());
    for (CopyOrder order : reply.getCopiesList()) {
      for (ChunkCopy chunk : order.getChunksList()) {
        boolean sound = chunk.getLength() > 0 && chunk.getLength() <= ChunkSize.MAX_BYTES;
        take(sound, new CopyTask(chunk, order.getSourcesList()));
      }
    }
    for (BuildOrder order : reply.getBuildsList()) {
      take(isSound(order), new CopyTask(order));
    }
    int streams = Math.max(1, reply.getCopyStreams());
    while (!stopped && workers.size() < Math.min(streams, waiting.size())) {
      startWorker();
    }
  }

  private void take(boolean sound, CopyTask task) {
    long id = task.chunkId();
    if (sound && id != 0 && !underWay.contains(id) && !ended.containsKey(id)) {
      waiting.putIfAbsent(id, task);
    }
  }

  private static boolean isSound(BuildOrder order) {
    long length = 0;
    for (ChunkPart part : order.getPartsList()) {
      long end = (long) part.getOffset() + part.getLength();
      if (part.getOffset() < 0 || part.getLength() <= 0 || end > ChunkSize.MAX_BYTES) {
        return false;
      }
      length += part.getLength();
    }
    return length > 0 && length <= ChunkSize.MAX_BYTES;
  }

  private void startWorker() {
    CopyWorker worker = new CopyWorker(store, transport, clusterId, throttle);
    Thread thread = new Thread(() -> run(worker), "chunk-copies-" + ++workersStarted);
    thread.setDaemon(true);
    workers.put(worker, thread);
    thread.start();
  }

  private void run(CopyWorker worker) {
    try (worker) {
      do {
        for (List<CopyTask> batch = next(); !batch.isEmpty(); batch = next()) {
          ended(worker.copy(batch));
        }
        ended(worker.finish());
      } while (!leaves(worker));
    } catch (RuntimeException e) {
      // The boundary of the thread: the master hears that these are not under way, and orders
      // them again.
      LOG.error("copying chunks failed", e);
    } finally {
      gone(worker);
    }
  }

  /** The first that waits, and small ones behind it from the same sources. */
  private synchronized List<CopyTask> next() {
    List<CopyTask> batch = new ArrayList<>();
    long bytes = 0;
    Iterator<CopyTask> queue = waiting.values().iterator();
    while (queue.hasNext() && batch.size() < Source.MOST_RANGES && !stopped) {
      CopyTask task = queue.next();
      bytes += task.length();
      boolean joins =
          batch.isEmpty()
              || (task.isSmall()
                  && batch.get(0).isSmall()
                  && bytes <= Source.MOST_BYTES
                  && task.sources().equals(batch.get(0).sources()));
      if (!joins) {
        break;
      }
      queue.remove();
      underWay.add(task.chunkId());
      batch.add(task);
    }
    return batch;
  }

  /** Ends a worker unless something waits: what is ordered from then on starts another one. */
  private synchronized boolean leaves(CopyWorker worker) {
    boolean leaves = waiting.isEmpty() || stopped;
    if (leaves) {
      workers.remove(worker);
    }
    return leaves;
  }

  private void ended(List<CopyResult> results) {
    if (results.isEmpty()) {
      return;
    }
    for (CopyResult result : results) {
      (result.getLength() > 0 ? made : failed).increment();
      madeBytes.add(result.getLength());
    }
    synchronized (this) {
      for (CopyResult result : results) {
        underWay.remove(result.getChunkId());
        ended.put(result.getChunkId(), result);
      }
    }
    results.forEach(news);
  }

  private synchronized void gone(CopyWorker worker) {
    if (workers.remove(worker) != null && workers.isEmpty()) {
      // It failed, and with it what it had: nobody else has anything.
      underWay.clear();
    }
  }

  /** Replicas that were made. */
  public LongAdder made() {
    return made;
  }

  /** Bytes of these replicas. */
  public LongAdder madeBytes() {
    return madeBytes;
  }

  /** Orders that could not be done. */
  public LongAdder failed() {
    return failed;
  }

  /** Orders that are not done. */
  public synchronized int pending() {
    return waiting.size() + underWay.size();
  }

  /** What the master has to hear, of the results at most so many. */
  public synchronized Page untold(int limit) {
    List<CopyResult> told = new ArrayList<>();
    List<Long> pending = new ArrayList<>(waiting.keySet());
    pending.addAll(underWay);
    for (CopyResult result : ended.values()) {
      if (told.size() < limit) {
        told.add(result);
      } else {
        pending.add(result.getChunkId());
      }
    }
    return new Page(told, pending);
  }

  /** Forgets the results the master has heard. */
  public synchronized void told(Page page) {
    page.ended().forEach(result -> ended.remove(result.getChunkId()));
  }

  /** Gives up what is not done. */
  @Override
  public void close() {
    Map<CopyWorker, Thread> running;
    synchronized (this) {
      stopped = true;
      waiting.clear();
      running = new LinkedHashMap<>(workers);
    }
    running.keySet().forEach(CopyWorker::stop);
    try {
      for (Thread thread : running.values()) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      LOG.warn(ErrorCode.INTERRUPTED.because("copies were not awaited").getMessage());
    }
  }
}
