package dev.cairn.master.replica;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a {@link ReplicaMap} should know, kept as simply as can be: a set of facts per replica. */
final class ReplicaModel {

  enum Fact {
    WHOLE,
    STALE,
    LOST,
    SUSPECT,
    BAD,
    GOING
  }

  private record Replica(long chunk, int server) implements Comparable<Replica> {
    @Override
    public int compareTo(Replica other) {
      return chunk != other.chunk
          ? Long.compare(chunk, other.chunk)
          : Integer.compare(server, other.server);
    }
  }

  private final TreeMap<Replica, Set<Fact>> facts = new TreeMap<>();
  private final TreeMap<Replica, Long> namedBy = new TreeMap<>();
  private final Set<Long> garbage = new TreeSet<>();
  final Set<Integer> alive = new TreeSet<>();

  boolean is(Fact fact, long chunk, int server) {
    return facts.getOrDefault(new Replica(chunk, server), Set.of()).contains(fact);
  }

  private void begin(Fact fact, long chunk, int server) {
    facts.computeIfAbsent(new Replica(chunk, server), key -> new TreeSet<>()).add(fact);
  }

  private void end(long chunk, int server, Fact... over) {
    Set<Fact> known = facts.get(new Replica(chunk, server));
    if (known != null) {
      known.removeAll(List.of(over));
    }
  }

  List<Integer> servers(Fact fact, long chunk) {
    List<Integer> servers = new ArrayList<>();
    facts.forEach(
        (replica, known) -> {
          if (replica.chunk() == chunk && known.contains(fact)) {
            servers.add(replica.server());
          }
        });
    return servers;
  }

  Set<Long> chunks(Fact fact, int server) {
    Set<Long> chunks = new TreeSet<>();
    facts.forEach(
        (replica, known) -> {
          if (replica.server() == server && known.contains(fact)) {
            chunks.add(replica.chunk());
          }
        });
    return chunks;
  }

  boolean isGarbage(long chunk) {
    return garbage.contains(chunk);
  }

  private void whole(long chunk, int server) {
    end(chunk, server, Fact.STALE);
    begin(Fact.WHOLE, chunk, server);
  }

  void reported(long chunk, int server) {
    end(chunk, server, Fact.LOST);
    garbage.remove(chunk);
    whole(chunk, server);
  }

  void reportedShort(long chunk, int server) {
    if (!is(Fact.WHOLE, chunk, server)) {
      begin(Fact.STALE, chunk, server);
    }
  }

  void reportedGarbage(long chunk, int server) {
    garbage.add(chunk);
    whole(chunk, server);
  }

  void committed(long chunk, Collection<Integer> servers, boolean grown) {
    for (int server : servers) {
      if (!is(Fact.LOST, chunk, server)) {
        whole(chunk, server);
      }
    }
    for (int server : servers(Fact.WHOLE, chunk)) {
      if (grown && !servers.contains(server)) {
        end(chunk, server, Fact.WHOLE);
        forgetGarbageThatIsNowhere(chunk);
        if (alive.contains(server)) {
          begin(Fact.STALE, chunk, server);
        }
      }
    }
  }

  void discarded(long chunk) {
    garbage.add(chunk);
    servers(Fact.STALE, chunk).forEach(server -> whole(chunk, server));
  }

  void deleted(long chunk) {
    garbage.remove(chunk);
    servers(Fact.WHOLE, chunk).forEach(server -> end(chunk, server, Fact.WHOLE));
  }

  void marked(long chunk, int server) {
    begin(Fact.BAD, chunk, server);
  }

  void unmarked(long chunk, int server) {
    end(chunk, server, Fact.BAD);
  }

  void suspected(long chunk, int server) {
    begin(Fact.SUSPECT, chunk, server);
  }

  void checked(long chunk, int server) {
    end(chunk, server, Fact.SUSPECT);
  }

  void told(long chunk, int server, long answer) {
    begin(Fact.GOING, chunk, server);
    namedBy.put(new Replica(chunk, server), answer);
  }

  private void forgetGarbageThatIsNowhere(long chunk) {
    if (servers(Fact.WHOLE, chunk).isEmpty()) {
      garbage.remove(chunk);
    }
  }

  /** Returns whether that was the last replica of a garbage chunk. */
  boolean lost(long chunk, int server) {
    boolean known = !servers(Fact.WHOLE, chunk).isEmpty() || garbage.contains(chunk);
    end(chunk, server, Fact.WHOLE, Fact.STALE, Fact.SUSPECT, Fact.GOING);
    begin(Fact.LOST, chunk, server);
    return known && servers(Fact.WHOLE, chunk).isEmpty() && garbage.remove(chunk);
  }

  void settled(int server, long answer) {
    for (long chunk : chunks(Fact.GOING, server)) {
      if (namedBy.get(new Replica(chunk, server)) < answer) {
        end(chunk, server, Fact.GOING);
      }
    }
  }

  void cleared(int server, boolean checksTheBad) {
    chunks(Fact.WHOLE, server).forEach(chunk -> end(chunk, server, Fact.WHOLE));
    Set.copyOf(garbage).forEach(this::forgetGarbageThatIsNowhere);
    facts.forEach(
        (replica, known) -> {
          if (replica.server() == server) {
            known.removeAll(List.of(Fact.STALE, Fact.SUSPECT, Fact.GOING));
            if (checksTheBad && known.contains(Fact.BAD)) {
              known.add(Fact.SUSPECT);
            }
          }
        });
  }
}
