package dev.cairn.master.upkeep;

import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.state.MetadataView;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The orphans, and which of them can be taken apart. A copy of the rows, safe for any thread. */
public final class Orphans {

  private final Queue<Orphan> waiting = new ConcurrentLinkedQueue<>();
  private final LiveSessions sessions;

  public Orphans(MetadataView view, LiveSessions sessions) {
    this.sessions = sessions;
    view.orphans(waiting::add);
  }

  /** Follows the state. */
  public void added(Orphan orphan) {
    waiting.add(orphan);
  }

  /** Takes out some that nobody has open; they come back only by {@link #added}. */
  List<Orphan> takeUnused(int most, long nowTicks) {
    boolean openFilesKnown = sessions.openFilesKnown(nowTicks);
    List<Orphan> unused = new ArrayList<>();
    Iterator<Orphan> all = waiting.iterator();
    while (all.hasNext() && unused.size() < most) {
      Orphan orphan = all.next();
      boolean free =
          orphan.getExtentMapOnly() || (openFilesKnown && !sessions.isOpen(orphan.getId()));
      if (free) {
        all.remove();
        unused.add(orphan);
      }
    }
    return unused;
  }
}
