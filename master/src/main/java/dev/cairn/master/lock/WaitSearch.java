package dev.cairn.master.lock;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One walk through the graph of waits. Each held lock and each wait is met once, so that a long
 * queue for the same bytes costs its length and not its square. For one thread, once.
 */
final class WaitSearch {

  private final WaitGraph.Waits waits;
  private final boolean withQueue;
  private final Map<LockTable, Unmet> files = new LinkedHashMap<>();
  private final Set<LockOwner> met = new HashSet<>();
  private final Deque<LockOwner> next = new ArrayDeque<>();

  /**
   * Prepares a walk.
   *
   * @param withQueue whether a wait also waits for earlier waits
   */
  WaitSearch(WaitGraph.Waits waits, boolean withQueue) {
    this.waits = waits;
    this.withQueue = withQueue;
  }

  /** Whether the owner is among those given or among the owners that they wait for. */
  boolean leadsTo(LockOwner owner, Set<LockOwner> from) {
    from.forEach(this::meet);
    while (!next.isEmpty() && !met.contains(owner)) {
      follow(next.poll());
    }
    return met.contains(owner);
  }

  boolean leadsBackTo(LockOwner owner) {
    follow(owner);
    return leadsTo(owner, Set.of());
  }

  /** The files that the walk came through. */
  Collection<LockTable> files() {
    return files.keySet();
  }

  private void meet(LockOwner owner) {
    if (met.add(owner)) {
      next.add(owner);
    }
  }

  private void follow(LockOwner waiter) {
    for (LockTable file : waits.of(waiter)) {
      files.computeIfAbsent(file, Unmet::new).meetBlockersOf(waiter);
    }
  }

  /** The locks and waits of a file whose owners no edge has led to yet. */
  private final class Unmet {

    private record Place(int number, Lock wanted) {}

    private final Map<LockOwner, List<Place>> places = new HashMap<>();
    private List<Lock> held;
    private List<Place> queue = new ArrayList<>();

    Unmet(LockTable file) {
      held = new ArrayList<>(file.held());
      for (int i = 0; i < file.waiting().size(); i++) {
        Place place = new Place(i, file.waiting().get(i).wanted());
        places.computeIfAbsent(place.wanted().owner(), key -> new ArrayList<>()).add(place);
        queue.add(place);
      }
    }

    void meetBlockersOf(LockOwner waiter) {
      for (Place place : places.getOrDefault(waiter, List.of())) {
        meetHolders(place.wanted());
        if (withQueue) {
          meetEarlier(place);
        }
      }
    }

    private void meetHolders(Lock wanted) {
      List<Lock> left = new ArrayList<>();
      for (Lock lock : held) {
        if (lock.conflicts(wanted)) {
          meet(lock.owner());
        } else {
          left.add(lock);
        }
      }
      held = left;
    }

    private void meetEarlier(Place place) {
      List<Place> left = new ArrayList<>();
      for (Place earlier : queue) {
        if (earlier.number() < place.number() && earlier.wanted().conflicts(place.wanted())) {
          meet(earlier.wanted().owner());
        } else {
          left.add(earlier);
        }
      }
      queue = left;
    }
  }
}
