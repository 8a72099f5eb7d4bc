package dev.cairn.master.fleet;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Chooses the chain of servers that new chunks are written to.
 *
 * <p><b>Goals</b>: no two replicas share a server, nor a zone where there are enough zones; servers
 * fill up at the same rate; none has much more to do than the others; a client that has just seen a
 * server fail does not get it again; and writing goes on with fewer replicas rather than not at all
 * (the missing ones are made later).
 *
 * <p><b>Algorithm</b>: Full servers are out. Of the others, those the client asks to avoid and
 * those silent for more than three heartbeats are out as long as any server remains: a chain is
 * only as fast as its slowest member, and a chain that breaks costs the client a time-out. Among
 * what remains, servers with room for all the bytes expected come before those without, and servers
 * in maintenance, which are about to be away, come last. Then servers are drawn one after the
 * other, each with a probability proportional to its free space: drawing by lot rather than always
 * the emptiest keeps clients that ask at the same moment apart, and the weight makes the servers'
 * free space converge. A server with more connections than the others have on average weighs less
 * by as much: it is what readers want just now. Each draw is among the servers in zones not used
 * yet, when there are any.
 */
public final class Placement {

  private static final long SUSPICIOUSLY_SILENT_MILLIS = 3000;
  private static final long MOST_RESERVED_BYTES = 16L << 20;
  private static final int RESERVED_FRACTION = 100;

  private final RandomGenerator random;

  public Placement(RandomGenerator random) {
    this.random = random;
  }

  /**
   * Answers between 1 and {@code replicas} servers.
   *
   * @param living servers that are not dead
   * @throws CairnException NO_SERVERS when there is none, NO_SPACE when all are full
   */
  public List<Integer> choose(
      Collection<Candidate> living, int replicas, Set<Integer> avoid, long expectedBytes)
      throws CairnException {
    if (living.isEmpty()) {
      throw ErrorCode.NO_SERVERS.because("there is no chunk server to write to");
    }
    List<Candidate> usable = withRoom(living, 1);
    if (usable.isEmpty()) {
      throw ErrorCode.NO_SPACE.because("all " + living.size() + " chunk servers are full");
    }
    List<Candidate> preferred = new ArrayList<>(usable);
    preferred.removeIf(c -> avoid.contains(c.server()));
    List<Candidate> prompt = new ArrayList<>(preferred);
    prompt.removeIf(c -> c.silentMillis() > SUSPICIOUSLY_SILENT_MILLIS);
    List<Candidate> pool = !prompt.isEmpty() ? prompt : !preferred.isEmpty() ? preferred : usable;
    return draw(pool, replicas, expectedBytes);
  }

  private static List<Candidate> withRoom(Collection<Candidate> candidates, long bytes) {
    List<Candidate> roomy = new ArrayList<>();
    for (Candidate candidate : candidates) {
      long reserved = Math.min(MOST_RESERVED_BYTES, candidate.totalBytes() / RESERVED_FRACTION);
      if (candidate.freeBytes() - reserved >= bytes) {
        roomy.add(candidate);
      }
    }
    return roomy;
  }

  private List<Integer> draw(List<Candidate> pool, int replicas, long expectedBytes) {
    List<Candidate> first = withRoom(pool, expectedBytes);
    first.removeIf(Candidate::maintained);
    List<Candidate> last = new ArrayList<>(pool);
    last.removeIf(candidate -> !candidate.maintained());
    List<Candidate> second = new ArrayList<>(pool);
    second.removeAll(first);
    second.removeAll(last);
    List<Integer> chain = new ArrayList<>();
    Set<String> zones = new HashSet<>();
    for (List<Candidate> from : List.of(first, second, last)) {
      while (chain.size() < replicas && !from.isEmpty()) {
        Candidate drawn = drawOne(inOtherZones(from, zones));
        from.remove(drawn);
        zones.add(drawn.zone());
        chain.add(drawn.server());
      }
    }
    return chain;
  }

  private static List<Candidate> inOtherZones(List<Candidate> candidates, Set<String> zones) {
    List<Candidate> others = new ArrayList<>(candidates);
    others.removeIf(c -> zones.contains(c.zone()));
    return others.isEmpty() ? candidates : others;
  }

  private Candidate drawOne(List<Candidate> candidates) {
    double connections = candidates.stream().mapToInt(Candidate::connections).average().orElse(0);
    double sum = 0;
    for (Candidate candidate : candidates) {
      sum += weight(candidate, connections);
    }
    double lot = random.nextDouble() * sum;
    for (Candidate candidate : candidates) {
      lot -= weight(candidate, connections);
      if (lot < 0) {
        return candidate;
      }
    }
    return candidates.get(candidates.size() - 1);
  }

  private static double weight(Candidate candidate, double usualConnections) {
    double busy = Math.max(candidate.connections(), usualConnections);
    return candidate.freeBytes() * (usualConnections + 1) / (busy + 1);
  }
}
