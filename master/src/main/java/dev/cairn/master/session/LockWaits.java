package dev.cairn.master.session;

import dev.cairn.master.decide.Defaults;
import dev.cairn.master.decide.SessionDecider;
import dev.cairn.master.lock.LockTable;
import dev.cairn.master.record.proto.FileLocks;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.SetLockReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Calls of clients that want to know when their wait for a lock is over. The waits themselves are
 * in the state; a call is answered as soon as its wait has no place there any more, which means
 * that the lock was granted, or with "still waiting" after some seconds. Safe for any thread.
 */
public final class LockWaits {

  /** Shorter than the deadline of the client's call. */
  private static final Duration LONGEST = Duration.ofSeconds(5);

  /** Whom to tell, once. */
  public interface Asker {
    void reply(SetLockReply reply);

    void refuse(CairnException why);
  }

  private record Call(long session, long inode, long number, long sinceTicks, Asker asker) {}

  private final Map<Long, List<Call>> byInode = new ConcurrentHashMap<>();
  private final LiveSessions sessions;
  private final MetadataView latest;
  private final Defaults defaults;

  /** Answers with the attributes that files have in the latest state. */
  public LockWaits(LiveSessions sessions, MetadataView latest, Defaults defaults) {
    this.sessions = sessions;
    this.latest = latest;
    this.defaults = defaults;
  }

  /** Tells the asker when the wait is over. */
  public void ask(long session, long inode, long number, long nowTicks, Asker asker) {
    Call call = new Call(session, inode, number, nowTicks, asker);
    byInode.compute(
        inode,
        (key, calls) -> {
          List<Call> more = calls == null ? new ArrayList<>() : new ArrayList<>(calls);
          more.add(call);
          return more;
        });
    // Looked up behind the entry: either this sees the end of the wait, or the change does.
    FileLocks row = latest.locks(inode);
    if (row == null || !LockTable.of(row).isWaiting(session, number)) {
      take(inode, call::equals).forEach(this::granted);
    }
  }

  /** Follows the state: these are the file's locks and waits now. */
  public void changed(FileLocks locks) {
    if (!byInode.containsKey(locks.getInode())) {
      return;
    }
    LockTable table = LockTable.of(locks);
    take(locks.getInode(), call -> !table.isWaiting(call.session(), call.number()))
        .forEach(this::granted);
  }

  private void granted(Call call) {
    if (sessions.get(call.session()) == null) {
      call.asker().refuse(SessionDecider.expired(call.session()));
      return;
    }
    Inode inode = latest.inode(call.inode());
    if (inode == null) {
      call.asker().refuse(ErrorCode.STALE.because("inode " + call.inode() + " is gone"));
    } else {
      call.asker().reply(SetLockReply.newBuilder().setAttributes(defaults.inForce(inode)).build());
    }
  }

  /** Answers those who have waited as long as a call may take: they will ask again. */
  public void answerTheOld(long nowTicks) {
    for (long inode : byInode.keySet()) {
      for (Call call : take(inode, c -> nowTicks - c.sinceTicks() > LONGEST.toNanos())) {
        call.asker().reply(SetLockReply.newBuilder().setWaiting(true).build());
      }
    }
  }

  private interface Choice {
    boolean takes(Call call);
  }

  private List<Call> take(long inode, Choice choice) {
    List<Call> taken = new ArrayList<>();
    byInode.computeIfPresent(
        inode,
        (key, calls) -> {
          List<Call> left = new ArrayList<>();
          for (Call call : calls) {
            (choice.takes(call) ? taken : left).add(call);
          }
          return left.isEmpty() ? null : left;
        });
    return taken;
  }
}
