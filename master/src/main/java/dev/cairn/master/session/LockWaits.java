package dev.cairn.master.session;

import dev.cairn.master.decide.Defaults;
import dev.cairn.master.decide.SessionDecider;
import dev.cairn.master.record.proto.FileLocks;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.LockWait;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.SetLockReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

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

  /** A wait, as its session knows it. */
  private record Place(long session, long number) {}

  private record Call(Place place, long inode, long sinceTicks, Asker asker) {}

  /** One call for each wait, and so no more than there are waits. */
  private final Map<Long, Map<Place, Call>> byInode = new ConcurrentHashMap<>();

  private final LiveSessions sessions;
  private final MetadataView latest;
  private final Defaults defaults;

  /** Answers with the attributes that files have in the latest state. */
  public LockWaits(LiveSessions sessions, MetadataView latest, Defaults defaults) {
    this.sessions = sessions;
    this.latest = latest;
    this.defaults = defaults;
  }

  /**
   * Tells the asker when the wait is over. A call that asked about the same wait before is answered
   * that it is not.
   */
  public void ask(long session, long inode, long number, long nowTicks, Asker asker) {
    Call call = new Call(new Place(session, number), inode, nowTicks, asker);
    List<Call> earlier = new ArrayList<>();
    byInode.compute(
        inode,
        (key, calls) -> {
          Map<Place, Call> more = calls == null ? new LinkedHashMap<>() : calls;
          Call replaced = more.put(call.place(), call);
          if (replaced != null) {
            earlier.add(replaced);
          }
          return more;
        });
    earlier.forEach(LockWaits::stillWaiting);
    // Looked up behind the entry: either this sees the end of the wait, or the change does.
    FileLocks row = latest.locks(inode);
    if (row == null || !places(row).contains(call.place())) {
      take(inode, call::equals).forEach(this::granted);
    }
  }

  /** Follows the state: these are the file's locks and waits now. */
  public void changed(FileLocks locks) {
    if (!byInode.containsKey(locks.getInode())) {
      return;
    }
    Set<Place> waiting = places(locks);
    take(locks.getInode(), call -> !waiting.contains(call.place())).forEach(this::granted);
  }

  private static Set<Place> places(FileLocks locks) {
    Set<Place> places = new HashSet<>();
    for (LockWait wait : locks.getWaitingList()) {
      places.add(new Place(wait.getWanted().getSession(), wait.getNumber()));
    }
    return places;
  }

  private void granted(Call call) {
    if (sessions.get(call.place().session()) == null) {
      call.asker().refuse(SessionDecider.expired(call.place().session()));
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
      take(inode, call -> nowTicks - call.sinceTicks() > LONGEST.toNanos())
          .forEach(LockWaits::stillWaiting);
    }
  }

  /** Refuses all calls: this master is not asked any more. */
  public void refuseAll(CairnException why) {
    for (long inode : byInode.keySet()) {
      take(inode, call -> true).forEach(call -> call.asker().refuse(why));
    }
  }

  private static void stillWaiting(Call call) {
    call.asker().reply(SetLockReply.newBuilder().setWaiting(true).build());
  }

  private List<Call> take(long inode, Predicate<Call> choice) {
    List<Call> taken = new ArrayList<>();
    byInode.computeIfPresent(
        inode,
        (key, calls) -> {
          calls
              .values()
              .removeIf(
                  call -> {
                    boolean takes = choice.test(call);
                    if (takes) {
                      taken.add(call);
                    }
                    return takes;
                  });
          return calls.isEmpty() ? null : calls;
        });
    return taken;
  }
}
