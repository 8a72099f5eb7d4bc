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
 * entered before the master is asked, so that a close in the meantime gives up what it is granted.
 * Safe for any thread.
 */
final class LockHolders {

  /** A process or an open file description, as the kernel numbers them. */
  record Holder(LockKind kind, long owner) {}

  private final Map<Holder, Set<Long>> handles = new HashMap<>();
  private Registration session;

  synchronized void enter(Holder holder, long handle) {
    handles.computeIfAbsent(holder, key -> new HashSet<>()).add(handle);
  }

  /** The holder has a lock, in that session. */
  synchronized void granted(Registration inSession) {
    session = inSession;
  }

  synchronized void leave(Holder holder) {
    handles.remove(holder);
    if (handles.isEmpty()) {
      session = null;
    }
  }

  synchronized boolean has(Holder holder) {
    return handles.containsKey(holder);
  }

  /** Who took locks through the handle. */
  synchronized List<Holder> through(long handle) {
    List<Holder> holders = new ArrayList<>();
    handles.forEach(
        (holder, taken) -> {
          if (taken.contains(handle)) {
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
