package dev.cairn.client.file;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * Bounds how many extents all open files of a client hold in memory together. A file that learns
 * some makes those give theirs up that have not learned any for longest; when there are no others,
 * it gives up some of its own. Thread-safe: called with a file's lock, so it takes none of another
 * file.
 */
final class ExtentBudget {

  /** About 15 MB. */
  static final int MOST_EXTENTS = 1 << 19;

  /** A file of no more extents costs little beside all else that it has, and is not counted. */
  private static final int LEAST_COUNTED = 16;

  private final int most;
  private final Executor elsewhere;
  private final Map<Share, Integer> holders = new LinkedHashMap<>();
  private long held;

  /**
   * Makes a budget.
   *
   * @param elsewhere has files give up what they hold, without the locks of the caller
   */
  ExtentBudget(int most, Executor elsewhere) {
    this.most = most;
    this.elsewhere = elsewhere;
  }

  /** What one file holds. */
  final class Share {

    private final Runnable giveUp;

    private Share(Runnable giveUp) {
      this.giveUp = giveUp;
    }

    /** The file holds so many extents now; returns how many of them are too many. */
    int holds(int extents) {
      List<Share> others = new ArrayList<>();
      int tooMany = changed(this, extents, others);
      others.forEach(share -> elsewhere.execute(share.giveUp));
      return tooMany;
    }
  }

  /**
   * Opens the account of a file.
   *
   * @param giveUp takes the file's lock, and has it hold no extents
   */
  Share share(Runnable giveUp) {
    return new Share(giveUp);
  }

  private synchronized int changed(Share share, int extents, List<Share> others) {
    Integer before = holders.remove(share);
    held -= before == null ? 0 : before;
    if (extents >= LEAST_COUNTED) {
      holders.put(share, extents);
      held += extents;
    }
    Iterator<Map.Entry<Share, Integer>> oldest = holders.entrySet().iterator();
    while (held > most && oldest.hasNext()) {
      Map.Entry<Share, Integer> holder = oldest.next();
      if (holder.getKey() != share) {
        // Counted as gone: it will be in a moment.
        held -= holder.getValue();
        others.add(holder.getKey());
        oldest.remove();
      }
    }
    return (int) Math.max(0, held - most);
  }

  synchronized long held() {
    return held;
  }
}
