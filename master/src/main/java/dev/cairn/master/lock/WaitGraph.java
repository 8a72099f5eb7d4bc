package dev.cairn.master.lock;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Who waits for whom, over all files. Whoever waits for the end of its own wait waits for ever.
 * Places in a queue count like locks: they are what the queue's fairness makes of them.
 */
public final class WaitGraph {

  /** Answers the files in which an owner's session waits for something. */
  public interface Waits {
    Collection<LockTable> of(LockOwner owner);
  }

  private final Waits waits;

  public WaitGraph(Waits waits) {
    this.waits = waits;
  }

  /** Whether one of the blockers waits, over however many others, for the owner. */
  public boolean leadsTo(LockOwner owner, Set<LockOwner> blockers) {
    Set<LockOwner> seen = new HashSet<>(blockers);
    Deque<LockOwner> next = new ArrayDeque<>(blockers);
    while (!next.isEmpty()) {
      LockOwner blocker = next.poll();
      if (blocker.equals(owner)) {
        return true;
      }
      for (LockTable file : waits.of(blocker)) {
        for (LockOwner further : file.blockersOf(blocker)) {
          if (seen.add(further)) {
            next.add(further);
          }
        }
      }
    }
    return false;
  }
}
