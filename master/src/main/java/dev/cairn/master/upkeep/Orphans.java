package dev.cairn.master.upkeep;

import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.state.MetadataView;
import java.util.ArrayDeque;
import java.util.Queue;

/** The orphans, and which of them can be taken apart. A copy of the rows, safe for any thread. */
public final class Orphans {

  private final Queue<Orphan> fresh = new ArrayDeque<>();

  /** Those that somebody had open when last looked at. */
  private final Queue<Orphan> open = new ArrayDeque<>();

  private final LiveSessions sessions;

  public Orphans(MetadataView view, LiveSessions sessions) {
    this.sessions = sessions;
    view.orphans(fresh::add);
  }

  /** Follows the state. */
  public synchronized void added(Orphan orphan) {
    fresh.add(orphan);
  }

  /** How many can be taken apart, or have to be looked at. */
  synchronized int waiting() {
    return fresh.size();
  }

  /** Looks again at those that were open. */
  synchronized void lookAgain() {
    fresh.addAll(open);
    open.clear();
  }

  /** Takes one out that nobody has open, or answers null. It comes back only by {@link #added}. */
  synchronized Orphan takeUnused(long nowTicks) {
    boolean openFilesKnown = sessions.openFilesKnown(nowTicks);
    for (Orphan orphan = fresh.poll(); orphan != null; orphan = fresh.poll()) {
      if (orphan.getExtentMapOnly() || (openFilesKnown && !sessions.isOpen(orphan.getId()))) {
        return orphan;
      }
      open.add(orphan);
    }
    return null;
  }
}
