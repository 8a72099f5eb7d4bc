package dev.cairn.rpc.wire;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Closes connections that overstay their deadline: blocking channels have no timeouts of their own.
 * One daemon thread looks at all open connections every {@value #PERIOD_MILLIS} ms, so that setting
 * a deadline costs one volatile write and a wait ends at most that much too late.
 */
final class Deadlines {

  static final long PERIOD_MILLIS = 100;

  /** A connection under watch. */
  interface Watched {
    /** Closes the connection if its deadline is before the given {@link System#nanoTime()}. */
    void closeIfOverdue(long nowNanos);
  }

  private static final Set<Watched> WATCHED = ConcurrentHashMap.newKeySet();

  static {
    Thread thread = new Thread(Deadlines::run, "connection-deadlines");
    thread.setDaemon(true);
    thread.start();
  }

  private Deadlines() {}

  static void watch(Watched connection) {
    WATCHED.add(connection);
  }

  static void forget(Watched connection) {
    WATCHED.remove(connection);
  }

  private static void run() {
    while (true) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PERIOD_MILLIS));
      long now = System.nanoTime();
      for (Watched connection : WATCHED) {
        connection.closeIfOverdue(now);
      }
    }
  }
}
