package dev.cairn.master.repair;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The copies that are ordered and have not ended. For one thread at a time. */
final class OrderBook {

  /**
   * An order.
   *
   * @param replace the target has a bad replica, which goes first
   * @param sources servers with good replicas, in the order in which they are to be asked
   */
  record Order(long chunk, int length, int target, boolean replace, List<Integer> sources) {}

  /** What a server was ordered. */
  private static final class Load {
    private final Map<Long, Order> untold = new LinkedHashMap<>();
    private final Map<Long, Order> told = new HashMap<>();
    private long bytes;

    int count() {
      return untold.size() + told.size();
    }
  }

  private final Map<Integer, Load> byTarget = new HashMap<>();
  private final Set<Long> chunks = new HashSet<>();
  private final Map<Integer, Long> bytesBySource = new HashMap<>();

  boolean has(long chunk) {
    return chunks.contains(chunk);
  }

  int size() {
    return chunks.size();
  }

  long bytesTo(int target) {
    Load load = byTarget.get(target);
    return load == null ? 0 : load.bytes;
  }

  int countTo(int target) {
    Load load = byTarget.get(target);
    return load == null ? 0 : load.count();
  }

  /** Bytes that are to be read from the server first. */
  long bytesFrom(int source) {
    return bytesBySource.getOrDefault(source, 0L);
  }

  void add(Order order) {
    Load load = byTarget.computeIfAbsent(order.target(), target -> new Load());
    load.untold.put(order.chunk(), order);
    load.bytes += order.length();
    chunks.add(order.chunk());
    bytesBySource.merge(order.sources().get(0), (long) order.length(), Long::sum);
  }

  /** The order ended; answers it, or null when it was not known (any more). */
  Order remove(int target, long chunk) {
    Load load = byTarget.get(target);
    if (load == null) {
      return null;
    }
    Order order = load.told.remove(chunk);
    if (order == null) {
      order = load.untold.remove(chunk);
    }
    if (order != null) {
      left(load, order);
    }
    return order;
  }

  private void left(Load load, Order order) {
    load.bytes -= order.length();
    chunks.remove(order.chunk());
    bytesBySource.merge(
        order.sources().get(0),
        -(long) order.length(),
        (some, less) -> some + less == 0 ? null : Long.valueOf(some + less));
  }

  /** Forgets the orders a server was told and does not have. */
  void keep(int target, Set<Long> had) {
    Load load = byTarget.get(target);
    if (load == null) {
      return;
    }
    for (Iterator<Order> told = load.told.values().iterator(); told.hasNext(); ) {
      Order order = told.next();
      if (!had.contains(order.chunk())) {
        told.remove();
        left(load, order);
      }
    }
  }

  /** The orders the server was not told yet; from now on it was. */
  List<Order> tell(int target) {
    Load load = byTarget.get(target);
    if (load == null) {
      return List.of();
    }
    List<Order> orders = new ArrayList<>(load.untold.values());
    load.told.putAll(load.untold);
    load.untold.clear();
    return orders;
  }

  /** Forgets all orders of a server. */
  void drop(int target) {
    Load load = byTarget.remove(target);
    if (load != null) {
      load.untold.values().forEach(order -> left(load, order));
      load.told.values().forEach(order -> left(load, order));
    }
  }

  /** The servers that have orders. */
  Collection<Integer> targets() {
    return List.copyOf(byTarget.keySet());
  }
}
