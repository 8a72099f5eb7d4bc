package dev.cairn.client.master;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Which of the masters this client asks: the one owner of who leads, as far as the client knows. It
 * does no I/O. Callers say how a request to a master ended; all requests then go to the same one. A
 * report about a master that is asked no longer changes nothing, so that many requests which failed
 * at the same one move on by one step together. Thread-safe.
 */
final class LeaderFinder {

  private final Masters configured;
  private final Consumer<String> log;

  /** What each master that does not lead was like, for sentences. Guarded by this. */
  private final Map<HostPort, String> found = new HashMap<>();

  /**
   * Those that could not be asked since they answered last: others may go on naming one of them for
   * a time as the leader. Guarded by this.
   */
  private final Set<HostPort> lost = new HashSet<>();

  /** Those the cluster said, and then those it was reached by. Changed under the lock. */
  private volatile List<HostPort> all;

  private volatile HostPort target;

  /** That led when it was heard of last; null before. */
  private volatile HostPort leader;

  /**
   * @param log takes a line when another master leads than before
   */
  LeaderFinder(Masters masters, Consumer<String> log) {
    this.configured = masters;
    this.log = log;
    this.all = masters.addresses();
    this.target = masters.first();
  }

  /** The master to ask now. */
  HostPort target() {
    return target;
  }

  /** All masters that may lead. */
  List<HostPort> all() {
    return all;
  }

  boolean areSeveral() {
    return all.size() > 1;
  }

  /** Takes the list of masters that the cluster says; an empty one says nothing. */
  synchronized void members(List<String> addresses) {
    if (addresses.isEmpty()) {
      return;
    }
    List<HostPort> now = new ArrayList<>(Masters.of(addresses).addresses());
    for (HostPort address : configured.addresses()) {
      if (!now.contains(address)) {
        now.add(address);
      }
    }
    all = List.copyOf(now);
    found.keySet().retainAll(all);
  }

  /** A master did what only the leader does. */
  void leads(HostPort master) {
    if (master.equals(leader) || !master.equals(target)) {
      return;
    }
    synchronized (this) {
      if (master.equals(target)) {
        found.clear();
        lost.clear();
        if (leader != null) {
          log.accept("the master at " + master + " leads now, and no longer the one at " + leader);
        }
        leader = master;
      }
    }
  }

  /**
   * A master does not lead.
   *
   * @param hint the address of the leader, as that master knows it; may be empty
   */
  synchronized void refused(HostPort by, String hint) {
    found.put(by, hint.isEmpty() ? "knows of no leader" : "says that " + hint + " leads");
    lost.remove(by);
    if (by.equals(target)) {
      target = hinted(by, hint);
    }
  }

  private HostPort hinted(HostPort by, String hint) {
    HostPort named = parsed(hint);
    return named == null || named.equals(by) || lost.contains(named) ? after(by) : named;
  }

  /** The address in a hint; null where there is none. */
  private static HostPort parsed(String hint) {
    try {
      return hint.isEmpty() ? null : HostPort.parsePeer(hint);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** A master cannot be asked, or did not answer. */
  synchronized void lost(HostPort master, String how) {
    found.put(master, how);
    lost.add(master);
    if (master.equals(target)) {
      target = after(master);
    }
  }

  /** As a master says that is asked because another one does not answer; nonsense is ignored. */
  void leadsInstead(String hint, HostPort silent) {
    HostPort named = parsed(hint);
    if (named != null) {
      leadsInstead(named, silent);
    }
  }

  /** Another master leads than the one that is asked and does not answer. */
  synchronized void leadsInstead(HostPort other, HostPort silent) {
    if (silent.equals(target) && !other.equals(silent)) {
      found.put(silent, "does not answer");
      lost.add(silent);
      target = other;
    }
  }

  private HostPort after(HostPort master) {
    int at = all.indexOf(master);
    return all.get((at + 1) % all.size());
  }

  /** Why none leads, for the end of a sentence. */
  synchronized String whyNone() {
    return all.stream()
        .map(master -> master + " " + found.getOrDefault(master, "was not asked"))
        .collect(Collectors.joining(", "));
  }
}
