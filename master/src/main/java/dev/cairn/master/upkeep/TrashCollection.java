package dev.cairn.master.upkeep;

import dev.cairn.master.decide.TrashDecider;
import dev.cairn.master.decide.TrashDecider.LetGo;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.fleet.Room;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.ForceGroup;
import dev.cairn.master.log.Writer;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go of trash whose time is over, and of the oldest when room is needed: one step per command,
 * and only as fast as what was let go is taken apart, so that no queue grows with the trash.
 */
public final class TrashCollection {

  private static final Logger log = LoggerFactory.getLogger(TrashCollection.class);
  private static final int MOST_ORPHANS_WAITING = 1024;

  /** From being garbage that may be deleted to being counted as free by a heartbeat. */
  private static final Duration DELETION = Duration.ofSeconds(5);

  private record Release(long ticks, long bytesOnDisk) {}

  private final Writer writer;
  private final ForceGroup force;
  private final Time time;
  private final MetadataView latest;
  private final Fleet fleet;
  private final Orphans orphans;
  private final Duration hold;
  private final int replicas;
  private final Deque<Release> releases = new ArrayDeque<>();
  private boolean stepUnderWay;

  /**
   * Makes one that does nothing by itself.
   *
   * @param latest the state, safe for any thread
   * @param hold how long garbage is held
   * @param replicas how many replicas what is let go has, most likely
   */
  public TrashCollection(
      Writer writer,
      ForceGroup force,
      Time time,
      MetadataView latest,
      Fleet fleet,
      Orphans orphans,
      Duration hold,
      int replicas) {
    this.writer = writer;
    this.force = force;
    this.time = time;
    this.latest = latest;
    this.fleet = fleet;
    this.orphans = orphans;
    this.hold = hold;
    this.replicas = replicas;
  }

  /** Begins with what has to go now; each step that let something go is followed by another. */
  synchronized void collect() {
    if (stepUnderWay || orphans.waiting() > MOST_ORPHANS_WAITING) {
      return;
    }
    long first = firstUntil();
    if (first == Long.MAX_VALUE) {
      return;
    }
    long missing = missing();
    if (missing > 0) {
      step(Long.MAX_VALUE - 1, missing / replicas + 1);
    } else if (first <= time.now()) {
      step(time.now(), Long.MAX_VALUE);
    }
  }

  private long missing() {
    long nowTicks = time.ticks();
    long lasts = hold.plus(DELETION).toNanos();
    while (!releases.isEmpty() && nowTicks - releases.peek().ticks() > lasts) {
      releases.remove();
    }
    long underWay = releases.stream().mapToLong(Release::bytesOnDisk).sum();
    return Room.missing(fleet.capacity(), underWay);
  }

  /** Until when what goes first is kept; the largest number when nothing is in the trash. */
  private long firstUntil() {
    long[] first = {Long.MAX_VALUE};
    latest.trashFrom(
        0,
        0,
        (until, inode) -> {
          first[0] = until;
          return false;
        });
    return first[0];
  }

  private void step(long until, long bytes) {
    stepUnderWay = true;
    writer.submit(
        (view, now) -> TrashDecider.letGo(view, until, bytes, now),
        new Answer<LetGo>() {
          @Override
          public void granted(LetGo done) {
            force.submit(() -> letGo(done));
          }

          @Override
          public void refused(CairnException why) {
            log.warn("trash stays for now: {}", why.getMessage());
            ended();
          }
        });
  }

  private synchronized void ended() {
    stepUnderWay = false;
  }

  /** What was let go may be deleted from here on: that it was let go is on the master's disk. */
  private synchronized void letGo(LetGo done) {
    stepUnderWay = false;
    if (done.bytes() > 0) {
      releases.add(new Release(time.ticks(), done.bytes() * replicas));
    }
    if (done.entries() > 0) {
      collect();
    }
  }
}
