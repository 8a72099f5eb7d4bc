package dev.cairn.master.session;

import dev.cairn.master.record.proto.FileLocks;
import dev.cairn.master.record.proto.LockWait;
import dev.cairn.master.record.proto.SessionLock;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.LongTable;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.HashMap;
import java.util.Map;

/**
 * How many locks, and waits for locks, each session has: a copy of what the state says, counted so
 * that the number can be bounded. For the writer's thread.
 */
public final class LiveLocks {

  /** Most locks and waits of one session. */
  public static final int MOST_OF_SESSION = 16_384;

  /** Most locks and waits of all sessions. */
  static final int MOST_OF_ALL = 131_072;

  /** Of each locked file, the sessions in turn with how many locks and waits they have there. */
  private final Map<Long, long[]> byInode = new HashMap<>();

  private final LongTable bySession = new LongTable();
  private final int mostOfSession;
  private final int mostOfAll;
  private long all;

  /** Counts the locks of a master that stopped. */
  public LiveLocks(MetadataView view) {
    this(MOST_OF_SESSION, MOST_OF_ALL);
    view.allLocks(this::changed);
  }

  LiveLocks(int mostOfSession, int mostOfAll) {
    this.mostOfSession = mostOfSession;
    this.mostOfAll = mostOfAll;
  }

  /** Refuses the session one lock or wait more than there may be. */
  public void checkMayLock(long session) throws CairnException {
    if (count(session) >= mostOfSession) {
      throw ErrorCode.NO_LOCKS.because(
          "session " + session + " has " + count(session) + " locks and waits, and gets no more");
    }
    if (all >= mostOfAll) {
      throw ErrorCode.NO_LOCKS.because(
          "clients have " + all + " locks and waits, and there can be no more");
    }
  }

  /** Refuses what leaves the session with more locks of a file than it had, at the bounds. */
  public void checkMaySplit(long session, FileLocks after) throws CairnException {
    boolean full = count(session) >= mostOfSession || all >= mostOfAll;
    if (full && ofSession(session, after) > ofSession(session, byInode.get(after.getInode()))) {
      checkMayLock(session);
    }
  }

  private static long ofSession(long session, FileLocks row) {
    return row.getHeldList().stream().filter(held -> held.getSession() == session).count()
        + row.getWaitingList().stream()
            .filter(wait -> wait.getWanted().getSession() == session)
            .count();
  }

  private static long ofSession(long session, long[] counts) {
    for (int i = 0; counts != null && i < counts.length; i += 2) {
      if (counts[i] == session) {
        return counts[i + 1];
      }
    }
    return 0;
  }

  /** How many locks and waits the session has. */
  public long count(long session) {
    int slot = bySession.find(session);
    return slot == LongTable.NONE ? 0 : bySession.value(slot);
  }

  /** Follows the state: these are the file's locks and waits now. */
  public void changed(FileLocks row) {
    LongTable sessions = new LongTable();
    for (SessionLock held : row.getHeldList()) {
      add(sessions, held.getSession(), 1);
    }
    for (LockWait wait : row.getWaitingList()) {
      add(sessions, wait.getWanted().getSession(), 1);
    }
    long[] before = byInode.remove(row.getInode());
    for (int i = 0; before != null && i < before.length; i += 2) {
      count(before[i], -before[i + 1]);
    }
    long[] after = new long[2 * sessions.size()];
    int at = 0;
    for (int slot = 0; slot < sessions.slots(); slot++) {
      if (sessions.key(slot) != 0) {
        after[at++] = sessions.key(slot);
        after[at++] = sessions.value(slot);
        count(sessions.key(slot), sessions.value(slot));
      }
    }
    if (after.length > 0) {
      byInode.put(row.getInode(), after);
    }
  }

  private void count(long session, long change) {
    all += change;
    add(bySession, session, change);
  }

  private static void add(LongTable counts, long session, long change) {
    int slot = counts.findOrAdd(session);
    long count = counts.value(slot) + change;
    if (count == 0) {
      counts.remove(slot);
    } else {
      counts.value(slot, count);
    }
  }
}
