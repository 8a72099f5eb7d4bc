package dev.cairn.client;

import java.io.Closeable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of a client that wait for chunk servers: a pool for each kind of wait, so that no
 * kind waits behind another. Threads are started as they are needed, and end when they are idle.
 *
 * @param writing each sends for one file, and may wait as long as the patience lasts
 * @param reading wait for answers of servers that are well
 * @param doubtful wait for answers of servers that failed and have not worked since
 * @param syncing wait for disks of servers
 * @param looking wait only to hear whether a server lives
 * @param ready never wait: for work that would hold up the thread that finds it
 */
public record ClientThreads(
    ExecutorService writing,
    ExecutorService reading,
    ExecutorService doubtful,
    ExecutorService syncing,
    ExecutorService looking,
    ExecutorService ready)
    implements Closeable {

  private static final int IDLE_SECONDS = 30;
  private static final int MOST_DOUBTFUL = 8;
  private static final int MOST_READY = 2;

  /**
   * Makes the pools.
   *
   * @param most threads of each large pool
   */
  static ClientThreads start(int most) {
    return new ClientThreads(
        pool("write", most),
        pool("read", most),
        pool("doubtful-read", Math.min(most, MOST_DOUBTFUL)),
        pool("sync", most),
        pool("look", most),
        pool("ready", MOST_READY));
  }

  /** How many threads may receive from servers at a time. */
  static int mostReading(int most) {
    return most + Math.min(most, MOST_DOUBTFUL);
  }

  private static ExecutorService pool(String name, int most) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            most,
            most,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, name + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /** Ends the threads once what they were given is done. */
  @Override
  public void close() {
    writing.shutdown();
    reading.shutdown();
    doubtful.shutdown();
    syncing.shutdown();
    looking.shutdown();
    ready.shutdown();
  }
}
