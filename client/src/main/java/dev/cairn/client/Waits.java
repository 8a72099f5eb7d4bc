package dev.cairn.client;

import dev.cairn.rpc.Retry;
import dev.cairn.rpc.TimeText;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What this client waits for, said in the log once for all who wait: when the first of them has
 * waited for long enough to be noticed, and when the last of them goes on. Thread-safe.
 */
public final class Waits {

  /** Shorter waits are everyday ones. */
  static final Duration NOTICEABLE = Duration.ofSeconds(2);

  private final Consumer<String> log;
  private final LongSupplier nanoTime;

  /** Since when who waits. Guarded by this, as the next. */
  private final Map<Object, Long> waiting = new HashMap<>();

  private long saidOfNanos;
  private boolean said;

  /** Tells whether anybody waits, without the lock. */
  private volatile boolean none = true;

  /**
   * @param log takes the lines
   */
  public Waits(Consumer<String> log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
  }

  /**
   * Somebody waits, or waits still.
   *
   * @param who tells this wait from others
   * @param what for the line in the log: "waiting for ..."
   * @param waited how long it has waited so far
   * @param patience how long the wait may take
   */
  public synchronized void waits(
      Object who, Supplier<String> what, Duration waited, Duration patience) {
    long now = nanoTime.getAsLong();
    long since = waiting.computeIfAbsent(who, key -> now - waited.toNanos());
    none = false;
    if (!said && now - since >= NOTICEABLE.toNanos()) {
      said = true;
      saidOfNanos = since;
      log.accept("waiting for " + what.get() + "" + until(patience));
    }
  }

  private static String until(Duration patience) {
    return patience.compareTo(Retry.FOREVER) >= 0
        ? "; it is never given up"
        : "; giving up after " + TimeText.show(patience);
  }

  /** That wait is over, however it ended. */
  public void over(Object who) {
    if (none) {
      return;
    }
    synchronized (this) {
      if (waiting.remove(who) == null || !waiting.isEmpty()) {
        return;
      }
      none = true;
      if (said) {
        said = false;
        long seconds = Duration.ofNanos(nanoTime.getAsLong() - saidOfNanos).toSeconds();
        log.accept("going on after " + seconds + " s");
      }
    }
  }
}
