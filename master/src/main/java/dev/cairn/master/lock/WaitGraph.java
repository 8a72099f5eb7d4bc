package dev.cairn.master.lock;

import java.util.Collection;
import java.util.Set;

/**
 * The graph of owners that wait for other owners, over all files. An edge leads to the holder of a
 * conflicting lock, or to the owner of an earlier conflicting wait.
 *
 * <p>A circle of holders never ends: that is a deadlock. A circle that needs an earlier wait exists
 * only because the queue is fair. {@link #mayOvertake} breaks such a circle: an owner passes
 * earlier waits that cannot end before that owner goes on.
 */
public final class WaitGraph implements LockTable.QueueRule {

  /** Returns the files in which an owner's session waits for something. */
  public interface Waits {
    Collection<LockTable> of(LockOwner owner);
  }

  private final Waits waits;

  public WaitGraph(Waits waits) {
    this.waits = waits;
  }

  /** Whether one of the holders waits, over however many other holders, for the owner. */
  public boolean isDeadlock(LockOwner owner, Set<LockOwner> holders) {
    return new WaitSearch(waits, false).leadsTo(owner, holders);
  }

  @Override
  public boolean mayOvertake(LockOwner owner, Set<LockOwner> earlier) {
    return new WaitSearch(waits, true).leadsTo(owner, earlier);
  }

  /** The files of a circle in which the owner waits for itself; none when there is no circle. */
  public Collection<LockTable> circleOf(LockOwner owner) {
    WaitSearch search = new WaitSearch(waits, true);
    return search.leadsBackTo(owner) ? search.files() : Set.of();
  }
}
