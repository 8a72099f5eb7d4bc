package dev.cairn.master.raft;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides at the leader who may join. A master asks again and again until it is a member; it may be
 * one
 *
 * <ul>
 *   <li>in place of a member with its address: that one has lost its directory;
 *   <li>when the leader is alone and was started with its name among {@code --peers}, together with
 *       all others named there, so that the membership grows in one step;
 *   <li>when an operator says so.
 * </ul>
 *
 * <p>Safe for any thread; changes are made one after the other.
 */
final class Membership {

  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
  private static final long INVITED_SECONDS = 120;

  private final List<String> named;
  private final String self;
  private final Executor changes;

  /** Guarded by this, like the next ones. By their addresses. */
  private final Map<String, MemberId> asking = new HashMap<>();

  private final Map<String, CompletableFuture<Void>> invited = new HashMap<>();
  private boolean changing;

  /**
   * The membership as the master knows it that was started with these peers.
   *
   * @param changes runs what takes long
   */
  Membership(List<Peer> peers, Peer self, Executor changes) {
    this.named = peers.stream().map(peer -> peer.control().toString()).toList();
    this.self = self.control().toString();
    this.changes = changes;
  }

  /** Takes the request of a master to become a member. */
  synchronized void ask(Member member, MemberId joining) throws CairnException {
    List<MemberId> members = member.members().stream().map(Member.Standing::member).toList();
    if (members.contains(joining)) {
      return;
    }
    String address = joining.address();
    asking.put(address, joining);
    boolean replaces = members.stream().anyMatch(one -> one.address().equals(address));
    if (replaces || invited.containsKey(address)) {
      begin(member, List.of(joining));
    } else if (members.size() == 1 && named.contains(address)) {
      Set<String> missing = new HashSet<>(named);
      missing.remove(self);
      missing.removeAll(asking.keySet());
      if (!missing.isEmpty()) {
        throw ErrorCode.STARTING.because(
            "the master at %s waits for %s".formatted(self, String.join(", ", missing)));
      }
      List<MemberId> all = new ArrayList<>(asking.values());
      all.removeIf(one -> !named.contains(one.address()));
      begin(member, all);
    } else {
      throw ErrorCode.NOT_PERMITTED.because(
          "the master at %s is not one of this cluster's: an operator has to add it"
              .formatted(address));
    }
  }

  private void begin(Member member, List<MemberId> joining) {
    if (!changing) {
      changing = true;
      changes.execute(() -> change(member, joining));
    }
  }

  private void change(Member member, List<MemberId> joining) {
    List<String> addresses = joining.stream().map(MemberId::address).toList();
    try {
      member.add(joining);
      LOG.info("masters are added: {}", String.join(", ", addresses));
      ended(addresses, null);
    } catch (CairnException e) {
      LOG.warn("{} cannot be added yet: {}", String.join(", ", addresses), e.getMessage());
      ended(addresses, e);
    }
  }

  private synchronized void ended(List<String> addresses, CairnException failure) {
    changing = false;
    for (String address : addresses) {
      asking.remove(address);
      CompletableFuture<Void> waiting = failure == null ? invited.remove(address) : null;
      if (waiting != null) {
        waiting.complete(null);
      }
    }
  }

  /** Lets a master join when it asks; ends when it is a member, or has not asked in time. */
  synchronized CompletableFuture<Void> invite(String address) {
    CompletableFuture<Void> joined =
        invited.computeIfAbsent(address, key -> new CompletableFuture<>());
    return joined
        .orTimeout(INVITED_SECONDS, TimeUnit.SECONDS)
        .whenComplete((done, failure) -> withdraw(address));
  }

  private synchronized void withdraw(String address) {
    invited.remove(address);
  }
}
