package dev.cairn.rpc.admission;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The requests of which some bytes have come and others have not. Together they may hold a bounded
 * number of bytes: the one that has been unfinished for the longest time is given up when there are
 * more, since an honest one is whole within a moment. So is one that takes longer than a deadline.
 * Safe for any thread.
 */
public final class UnfinishedRequests {

  /** A request that holds no more than this is left to the bounds of connections. */
  public static final int SMALL_BYTES = 4 << 10;

  private static final Duration LONGEST = Duration.ofSeconds(10);

  /** An unfinished request. */
  public interface Unfinished {

    /** Lets go of the bytes. Called once, on any thread, and must not block. */
    void giveUp();
  }

  private record Held(long bytes, long sinceNanos) {}

  private final long most;

  /** In the order of their first bytes. Guarded by this, as the total. */
  private final Map<Unfinished, Held> requests = new LinkedHashMap<>();

  private long total;

  public UnfinishedRequests(long most) {
    this.most = most;
  }

  /** The request holds so many bytes by now; what was said of it before is void. */
  public void holds(Unfinished request, long bytes, long nowNanos) {
    List<Unfinished> over = new ArrayList<>();
    synchronized (this) {
      Held before = requests.get(request);
      requests.put(request, new Held(bytes, before == null ? nowNanos : before.sinceNanos()));
      total += bytes - (before == null ? 0 : before.bytes());
      Iterator<Map.Entry<Unfinished, Held>> oldest = requests.entrySet().iterator();
      while (total > most && oldest.hasNext()) {
        over.add(removed(oldest));
      }
    }
    over.forEach(Unfinished::giveUp);
  }

  /** The request is whole, or gone. */
  public synchronized void done(Unfinished request) {
    Held held = requests.remove(request);
    if (held != null) {
      total -= held.bytes();
    }
  }

  /** Gives up what has been unfinished for too long. */
  public void giveUpOverdue(long nowNanos) {
    List<Unfinished> over = new ArrayList<>();
    synchronized (this) {
      Iterator<Map.Entry<Unfinished, Held>> oldest = requests.entrySet().iterator();
      while (oldest.hasNext() && isOverdue(requests.values().iterator().next(), nowNanos)) {
        over.add(removed(oldest));
      }
    }
    over.forEach(Unfinished::giveUp);
  }

  private static boolean isOverdue(Held held, long nowNanos) {
    return nowNanos - held.sinceNanos() > LONGEST.toNanos();
  }

  private Unfinished removed(Iterator<Map.Entry<Unfinished, Held>> at) {
    Map.Entry<Unfinished, Held> request = at.next();
    Unfinished given = request.getKey();
    total -= request.getValue().bytes();
    at.remove();
    return given;
  }

  synchronized long bytes() {
    return total;
  }
}
