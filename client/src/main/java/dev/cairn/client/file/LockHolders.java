package dev.cairn.client.file;

import dev.cairn.client.master.Registration;
import dev.cairn.rpc.proto.LockKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The owners that may have locks of one file, and the handles they took them through. An owner is
 * entered before the master is asked, so that a close in the meantime gives up what it is granted,
 * and stays entered as long as it has a request under way or may have a lock: the threads of one
 * process ask independently of each other. Safe for any thread.
 */
final class LockHolders {

  /** A process or an open file description, as the kernel numbers them. */
  record Holder(LockKind kind, long owner) {}

  /** What one owner asks for and may have. */
  private static final class Claims {
    private final Set<Long> handles = new HashSet<>();
    private int requests;

    /** The number of its last grant; 0: all was given up since. */
    private long lastGrant;

    boolean none() {
      return requests == 0 && lastGrant == 0;
    }
  }

  private final Map<Holder, Claims> claims = new HashMap<>();
  private long grants;
  private Registration session;

  /** The holder asks for a lock; {@link #answered} must follow. */
  synchronized void asks(Holder holder, long handle) {
    Claims of = claims.computeIfAbsent(holder, key -> new Claims());
    of.handles.add(handle);
    of.requests++;
  }

  /** What the holder asked for is granted, in that session. */
  synchronized void granted(Holder holder, Registration inSession) {
    claims.get(holder).lastGrant = ++grants;
    session = inSession;
  }

  /** A request of the holder is over, granted or not. */
  synchronized void answered(Holder holder) {
    claims.get(holder).requests--;
    leaveWithoutClaims(holder);
  }

  /** How many locks were granted so far, for {@link #gaveUp}. */
  synchronized long grants() {
    return grants;
  }

  /** The holder has given up all it was granted while there were that many grants. */
  synchronized void gaveUp(Holder holder, long asOfGrants) {
    Claims of = claims.get(holder);
    if (of != null && of.lastGrant <= asOfGrants) {
      of.lastGrant = 0;
      leaveWithoutClaims(holder);
    }
  }

  private void leaveWithoutClaims(Holder holder) {
    if (claims.get(holder).none()) {
      claims.remove(holder);
    }
    if (claims.values().stream().allMatch(of -> of.lastGrant == 0)) {
      session = null;
    }
  }

  /** Whether the holder may have a lock, or be granted one that it has asked for. */
  synchronized boolean has(Holder holder) {
    return claims.containsKey(holder);
  }

  /** Whether the holder was granted a lock and has not given up all since. */
  synchronized boolean wasGranted(Holder holder) {
    Claims of = claims.get(holder);
    return of != null && of.lastGrant != 0;
  }

  /** Who took locks, or asks for some, through the handle. */
  synchronized List<Holder> through(long handle) {
    List<Holder> holders = new ArrayList<>();
    claims.forEach(
        (holder, of) -> {
          if (of.handles.contains(handle)) {
            holders.add(holder);
          }
        });
    return holders;
  }

  /** The session in which locks are held; null when none is known to be. */
  synchronized Registration session() {
    return session;
  }
}
