package dev.cairn.master.compact;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A new chunk that some servers are ordered to put together. For one thread at a time. */
final class Build {

  /** How far a server is. */
  enum State {
    ORDERED,
    TOLD,
    DONE
  }

  private final long chunk;
  private final Plan plan;
  private final Map<Integer, State> servers = new LinkedHashMap<>();

  Build(long chunk, Plan plan, Iterable<Integer> servers) {
    this.chunk = chunk;
    this.plan = plan;
    servers.forEach(server -> this.servers.put(server, State.ORDERED));
  }

  long chunk() {
    return chunk;
  }

  Plan plan() {
    return plan;
  }

  Set<Integer> servers() {
    return servers.keySet();
  }

  /** Null for a server that was not ordered anything. */
  State state(int server) {
    return servers.get(server);
  }

  void state(int server, State state) {
    servers.put(server, state);
  }

  boolean isDone() {
    return servers.values().stream().allMatch(state -> state == State.DONE);
  }
}
