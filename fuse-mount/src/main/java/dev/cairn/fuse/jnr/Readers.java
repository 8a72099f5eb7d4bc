package dev.cairn.fuse.jnr;

import com.kenai.jffi.MemoryIO;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that take requests from the kernel and run libfuse's session with them.
 *
 * <p>They are Java's. With libfuse's own loop, callbacks come on threads that the virtual machine
 * does not know: jffi attaches such a thread before and detaches it after each of its first
 * thousand callbacks. A callback on a thread of Java's own costs neither (see the package's page
 * for figures). Nor does libfuse's loop bound or name its threads, and it never ends while one of
 * them is blocked.
 *
 * <p>As many as were asked for stay; since a callback blocks until its answer is there, another one
 * is started when one is about to block and none is left to read, up to {@value #MOST_THREADS}, and
 * leaves when it is not needed. They end when the kernel says that the filesystem is unmounted, and
 * the last one runs what is to be done at the end.
 */
final class Readers implements KernelMemory {

  static final int MOST_THREADS = 128;

  /** Beyond those that stay: starting a thread costs more than letting it wait. */
  private static final int MOST_IDLE = 10;

  private static final Logger LOG = LoggerFactory.getLogger(Readers.class);

  // Negated errno(3) of a read that is worth another one.
  private static final int INTERRUPTED = -4;
  private static final int AGAIN_LINUX = -11;
  private static final int AGAIN_DARWIN = -35;

  private final int keep;
  private final AtomicInteger alive = new AtomicInteger();
  private final AtomicInteger reading = new AtomicInteger();
  private final AtomicInteger lastNumber = new AtomicInteger();
  private final CountDownLatch answeredOne = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean ending;
  private volatile Session session;

  /**
   * Readers without a session yet.
   *
   * @param keep how many threads there are at least
   */
  Readers(int keep) {
    this.keep = keep;
  }

  /** Serves the session, and destroys it at the end. */
  void start(Session served) {
    session = served;
    alive.set(keep);
    for (int i = 0; i < keep; i++) {
      startThread();
    }
  }

  /** Returns when the kernel's first request, which sets the connection up, is answered. */
  boolean awaitConnection(long millis) throws InterruptedException {
    return answeredOne.await(millis, TimeUnit.MILLISECONDS);
  }

  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  boolean awaitEnd(long millis) throws InterruptedException {
    return ended.await(millis, TimeUnit.MILLISECONDS);
  }

  boolean hasEnded() {
    return ended.getCount() == 0;
  }

  @Override
  public void forgetAttributes(long node) {
    if (!Libraries.DARWIN) {
      session.forgetAttributes(node);
    }
  }

  @Override
  public void forgetContent(long node) {
    if (!Libraries.DARWIN) {
      beforeBlocking();
      session.forgetContent(node);
    }
  }

  /** Called by a thread that is about to block: sees to it that somebody reads. */
  void beforeBlocking() {
    if (reading.get() > 0 || ending) {
      return;
    }
    int threads = alive.get();
    while (threads < MOST_THREADS) {
      if (alive.compareAndSet(threads, threads + 1)) {
        startThread();
        return;
      }
      threads = alive.get();
    }
  }

  private void startThread() {
    Thread thread = new Thread(this::serve, "fuse-reader-" + lastNumber.incrementAndGet());
    thread.setDaemon(true);
    thread.start();
  }

  private void serve() {
    try {
      long channelPointer = MemoryIO.getInstance().allocateMemory(Long.BYTES, true);
      try {
        serve(Request.current(), channelPointer);
      } finally {
        MemoryIO.getInstance().freeMemory(channelPointer);
      }
    } catch (RuntimeException | Error e) {
      LOG.error("a thread that serves the mount has ended", e);
      leave();
    }
  }

  private void serve(Request request, long channelPointer) {
    while (true) {
      reading.incrementAndGet();
      int received = session.receive(request, channelPointer);
      reading.decrementAndGet();
      if (isWorthAnotherRead(received)) {
        continue;
      }
      if (received <= 0) {
        ending = true;
        leave();
        return;
      }
      request.begin(received);
      session.process(request, received);
      request.end();
      answeredOne.countDown();
      if (leaveIfSpare()) {
        return;
      }
    }
  }

  private static boolean isWorthAnotherRead(int received) {
    return received == INTERRUPTED || received == AGAIN_LINUX || received == AGAIN_DARWIN;
  }

  private boolean leaveIfSpare() {
    int threads = alive.get();
    while (threads > keep && reading.get() >= Math.max(keep, MOST_IDLE)) {
      if (alive.compareAndSet(threads, threads - 1)) {
        return true;
      }
      threads = alive.get();
    }
    return false;
  }

  private void leave() {
    if (alive.decrementAndGet() == 0) {
      try {
        session.destroy();
      } finally {
        ended.countDown();
      }
    }
  }
}
