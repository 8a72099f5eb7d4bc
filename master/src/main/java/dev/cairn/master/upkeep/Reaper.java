package dev.cairn.master.upkeep;

import dev.cairn.master.decide.ReapDecider;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Writer;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has orphans, and what ended sessions left, taken apart: one step per command, and few commands at
 * a time, so that a request never waits behind more than those.
 */
public final class Reaper {

  private static final Logger log = LoggerFactory.getLogger(Reaper.class);
  private static final int MOST_UNDER_WAY = 16;

  private final Writer writer;
  private final Time time;
  private final Orphans orphans;
  private final AtomicInteger underWay = new AtomicInteger();

  /** A pass over what ended sessions left is under way. Guarded by this, like the next. */
  private boolean passUnderWay;

  /** A session ended since that pass began: it may have gone by already. */
  private boolean anotherPass;

  public Reaper(Writer writer, Time time, Orphans orphans) {
    this.writer = writer;
    this.time = time;
    this.orphans = orphans;
  }

  /** Begins with what can be taken apart by now; each that is done is followed by another. */
  void reapOrphans() {
    orphans.lookAgain();
    boolean more = true;
    while (more && underWay.incrementAndGet() <= MOST_UNDER_WAY) {
      more = reapNext();
    }
    if (more) {
      underWay.decrementAndGet();
    }
  }

  /** Begins with one orphan; false, and one less is under way, when there is none. */
  private boolean reapNext() {
    Orphan next = orphans.takeUnused(time.ticks());
    if (next == null) {
      underWay.decrementAndGet();
      return false;
    }
    step(next);
    return true;
  }

  private void step(Orphan orphan) {
    writer.submit(
        (view, now) -> ReapDecider.orphan(view, orphan, now),
        new Answer<Boolean>() {
          @Override
          public void granted(Boolean gone) {
            if (gone) {
              reapNext();
            } else {
              step(orphan);
            }
          }

          @Override
          public void refused(CairnException why) {
            underWay.decrementAndGet();
            log.warn("orphan {} stays for now: {}", orphan.getId(), why.getMessage());
            orphans.added(orphan);
          }
        });
  }

  /** Begins to clear away the grants and replies of sessions that ended. */
  public synchronized void reapEndedSessions() {
    anotherPass = true;
    if (!passUnderWay) {
      nextPass();
    }
  }

  private synchronized void nextPass() {
    passUnderWay = anotherPass;
    anotherPass = false;
    if (passUnderWay) {
      nextGrant(1);
    }
  }

  private synchronized void passFailed() {
    passUnderWay = false;
  }

  private void nextGrant(long fromSession) {
    writer.submit(
        (view, now) -> ReapDecider.endedGrant(view, fromSession, now),
        new Remains() {
          @Override
          public void granted(Long session) {
            if (session != 0) {
              nextGrant(session);
            } else {
              nextReplies(1);
            }
          }
        });
  }

  private void nextReplies(long fromSession) {
    writer.submit(
        (view, now) -> ReapDecider.endedReplies(view, fromSession),
        new Remains() {
          @Override
          public void granted(Long session) {
            if (session != 0) {
              nextReplies(session);
            } else {
              nextPass();
            }
          }
        });
  }

  /**
   * The answer to a step at what ended sessions left; one that fails is made up for by the next.
   */
  private abstract class Remains implements Answer<Long> {

    @Override
    public void refused(CairnException why) {
      passFailed();
    }
  }
}
