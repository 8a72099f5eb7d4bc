package dev.cairn.master.upkeep;

import dev.cairn.master.decide.ReapDecider;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Writer;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has orphans, and what ended sessions left, taken apart: one step per command. */
public final class Reaper {

  private static final Logger log = LoggerFactory.getLogger(Reaper.class);
  private static final int MOST_AT_ONCE = 256;

  private final Writer writer;
  private final Time time;
  private final Orphans orphans;
  private final AtomicInteger stepsUnderWay = new AtomicInteger();
  private final AtomicBoolean remainsUnderWay = new AtomicBoolean();

  public Reaper(Writer writer, Time time, Orphans orphans) {
    this.writer = writer;
    this.time = time;
    this.orphans = orphans;
  }

  /** Begins with what can be taken apart by now, unless the last call's is not done yet. */
  void reapOrphans() {
    if (stepsUnderWay.get() > 0) {
      return;
    }
    for (Orphan orphan : orphans.takeUnused(MOST_AT_ONCE, time.ticks())) {
      stepsUnderWay.incrementAndGet();
      step(orphan);
    }
  }

  private void step(Orphan orphan) {
    writer.submit(
        (view, now) -> ReapDecider.orphan(view, orphan, now),
        new Answer<Boolean>() {
          @Override
          public void granted(Boolean gone) {
            if (gone) {
              stepsUnderWay.decrementAndGet();
            } else {
              step(orphan);
            }
          }

          @Override
          public void refused(CairnException why) {
            stepsUnderWay.decrementAndGet();
            log.warn("orphan {} stays for now: {}", orphan.getId(), why.getMessage());
            orphans.added(orphan);
          }
        });
  }

  /** Begins to clear away the grants and replies of sessions that ended. */
  public void reapEndedSessions() {
    if (remainsUnderWay.compareAndSet(false, true)) {
      nextGrant(1);
    }
  }

  private void nextGrant(long fromSession) {
    writer.submit(
        (view, now) -> ReapDecider.endedGrant(view, fromSession, now),
        new Answer<Long>() {
          @Override
          public void granted(Long session) {
            if (session != 0) {
              nextGrant(session);
            } else {
              nextReplies(1);
            }
          }

          @Override
          public void refused(CairnException why) {
            remainsUnderWay.set(false);
          }
        });
  }

  private void nextReplies(long fromSession) {
    writer.submit(
        (view, now) -> ReapDecider.endedReplies(view, fromSession),
        new Answer<Long>() {
          @Override
          public void granted(Long session) {
            if (session != 0) {
              nextReplies(session);
            } else {
              remainsUnderWay.set(false);
            }
          }

          @Override
          public void refused(CairnException why) {
            remainsUnderWay.set(false);
          }
        });
  }
}
