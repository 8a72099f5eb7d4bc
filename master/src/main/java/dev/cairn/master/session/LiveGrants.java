package dev.cairn.master.session;

import dev.cairn.master.record.proto.Grant;
import dev.cairn.master.record.proto.GrantRange;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.LongTable;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.HashMap;
import java.util.Map;

/**
 * How many chunk ids each session has been granted and has not sealed: a copy of what the state
 * says, counted so that the number can be bounded. A chunk that is open for appending is one of
 * them. For the writer's thread.
 */
public final class LiveGrants {

  /** Most chunks of one session that are granted and not sealed. */
  public static final long MOST_CHUNKS_OF_SESSION = 1L << 24;

  /** Most grants of one session. */
  static final int MOST_GRANTS_OF_SESSION = 65_536;

  /** Most grants of all sessions. */
  static final int MOST_GRANTS = 1 << 20;

  /** The grants of one session. */
  private static final class Granted {
    /** By the last id of each grant, how many chunks of it are not sealed. */
    final LongTable unsealed = new LongTable();

    long chunks;
  }

  private final Map<Long, Granted> bySession = new HashMap<>();
  private int grants;

  /** Knows of none. */
  LiveGrants() {}

  /** Counts the grants of a master that stopped. */
  public LiveGrants(MetadataView view) {
    view.allGrants(this::written);
  }

  /** Refuses the session so many chunks more than there may be. */
  public void checkMayGrant(long session, int chunks) throws CairnException {
    Granted granted = bySession.get(session);
    boolean tooMany =
        granted != null
            && (granted.chunks + chunks > MOST_CHUNKS_OF_SESSION
                || granted.unsealed.size() >= MOST_GRANTS_OF_SESSION);
    if (tooMany) {
      throw ErrorCode.NO_SPACE.because(
          "session %d has %d chunks to write to in %d grants, and gets no more"
              .formatted(session, granted.chunks, granted.unsealed.size()));
    }
    if (grants >= MOST_GRANTS) {
      throw ErrorCode.NO_SPACE.because(
          "clients have " + grants + " grants of chunks, and there can be no more");
    }
  }

  /** How many chunks the session may still write to. */
  public long count(long session) {
    Granted granted = bySession.get(session);
    return granted == null ? 0 : granted.chunks;
  }

  /** Follows the state: this is the grant now. */
  public void written(Grant grant) {
    Granted granted = bySession.computeIfAbsent(grant.getSession(), key -> new Granted());
    long last = grant.getFirst() + grant.getCount() - 1;
    int before = granted.unsealed.size();
    int slot = granted.unsealed.findOrAdd(last);
    granted.chunks += grant.getUnsealed() - granted.unsealed.value(slot);
    granted.unsealed.value(slot, grant.getUnsealed());
    grants += granted.unsealed.size() - before;
  }

  /** Follows the state: the grant is used up, or its session's end is cleared away. */
  public void removed(GrantRange grant) {
    Granted granted = bySession.get(grant.getSession());
    int slot =
        granted == null
            ? LongTable.NONE
            : granted.unsealed.find(grant.getFirst() + grant.getCount() - 1);
    if (slot == LongTable.NONE) {
      return;
    }
    granted.chunks -= granted.unsealed.value(slot);
    granted.unsealed.remove(slot);
    grants--;
    if (granted.unsealed.size() == 0) {
      bySession.remove(grant.getSession());
    }
  }
}
