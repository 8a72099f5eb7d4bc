package dev.cairn.master.log;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The commands that wait for the writer. Each client has a queue of its own, in the order of its
 * requests; the writer takes one command of each in turn, and between any two of clients one of the
 * master's own and of its chunk servers. So a client that asks for much waits for itself, and
 * nobody else does. Any thread adds; one thread takes.
 */
final class FairQueue {

  /** Commands of one client; never empty while it is in the ring. */
  private static final class Lane {
    final long client;
    final Queue<Pending<?>> commands = new ArrayDeque<>();

    Lane(long client) {
      this.client = client;
    }
  }

  private final ConcurrentLinkedQueue<Pending<?>> added = new ConcurrentLinkedQueue<>();

  // Of the thread that takes.
  private final Queue<Pending<?>> again = new ArrayDeque<>();
  private final Queue<Pending<?>> own = new ArrayDeque<>();
  private final Queue<Lane> ring = new ArrayDeque<>();
  private final Map<Long, Lane> lanes = new HashMap<>();
  private boolean ownNext = true;

  void add(Pending<?> command) {
    added.add(command);
  }

  /** Puts commands that were taken, and are to be taken again, before those added meanwhile. */
  void addAgain(Pending<?> command) {
    again.add(command);
  }

  /** Takes a command back that nobody will take; false when it was taken. */
  boolean remove(Pending<?> command) {
    return added.remove(command);
  }

  /** For the thread that takes. */
  boolean isEmpty() {
    return again.isEmpty() && own.isEmpty() && ring.isEmpty() && added.isEmpty();
  }

  /** The next command; null when there is none. */
  Pending<?> poll() {
    if (!again.isEmpty()) {
      return again.poll();
    }
    sort();
    Pending<?> mine = ownNext || ring.isEmpty() ? own.poll() : null;
    if (mine != null) {
      ownNext = false;
      return mine;
    }
    ownNext = true;
    Lane lane = ring.poll();
    if (lane == null) {
      return null;
    }
    Pending<?> command = lane.commands.remove();
    if (lane.commands.isEmpty()) {
      lanes.remove(lane.client);
    } else {
      ring.add(lane);
    }
    return command;
  }

  private void sort() {
    for (Pending<?> command = added.poll(); command != null; command = added.poll()) {
      if (command.client() == Writer.OWN) {
        own.add(command);
        continue;
      }
      Lane lane = lanes.get(command.client());
      if (lane == null) {
        lane = new Lane(command.client());
        lanes.put(command.client(), lane);
        ring.add(lane);
      }
      lane.commands.add(command);
    }
  }
}
