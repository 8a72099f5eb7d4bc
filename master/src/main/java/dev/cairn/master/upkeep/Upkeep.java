package dev.cairn.master.upkeep;

import dev.cairn.master.command.ExpireLease;
import dev.cairn.master.command.ExpireSession;
import dev.cairn.master.compact.Compaction;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Writer;
import dev.cairn.master.record.proto.Lease;
import dev.cairn.master.repair.Repairs;
import dev.cairn.master.session.LiveLeases;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.session.LockWaits;
import dev.cairn.master.time.Time;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The timers and what they do. */
public final class Upkeep {

  private static final Logger log = LoggerFactory.getLogger(Upkeep.class);
  private static final long REAP_MILLIS = 100;
  private static final long WATCH_MILLIS = 500;
  private static final long HEAP_MILLIS = 10_000;
  private static final long STOP_SECONDS = 20;
  private static final long STANDSTILL_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "master-upkeep"));

  /** For surveys of all chunks, which nobody who is to be given up may wait for. */
  private final ScheduledExecutorService surveyTimer =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "master-survey"));

  /** For what may take long. */
  private final ScheduledExecutorService slowTimer =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "master-compaction"));

  /** What the timer itself runs by, whatever time the master is given. */
  private final Time timerClock = Time.system();

  private long watchedTicks = timerClock.ticks();
  private final Writer writer;
  private final Time time;
  private final LiveSessions sessions;
  private final Fleet fleet;
  private final Reaper reaper;
  private final LockWaits lockWaits;
  private final LiveLeases leases;
  private final TrashCollection trash;
  private final Repairs repairs;
  private final Compaction compaction;
  private final HeapWatch heap;

  public Upkeep(
      Writer writer,
      Time time,
      LiveSessions sessions,
      Fleet fleet,
      Reaper reaper,
      LockWaits lockWaits,
      LiveLeases leases,
      TrashCollection trash,
      Repairs repairs,
      Compaction compaction,
      HeapWatch heap) {
    this.writer = writer;
    this.time = time;
    this.sessions = sessions;
    this.fleet = fleet;
    this.reaper = reaper;
    this.lockWaits = lockWaits;
    this.leases = leases;
    this.trash = trash;
    this.repairs = repairs;
    this.compaction = compaction;
    this.heap = heap;
  }

  public void start() {
    every(timer, REAP_MILLIS, reaper::reapOrphans);
    every(timer, WATCH_MILLIS, this::watch);
    every(timer, WATCH_MILLIS, trash::collect);
    every(surveyTimer, WATCH_MILLIS, repairs::survey);
    every(slowTimer, WATCH_MILLIS, compaction::step);
    every(slowTimer, HEAP_MILLIS, heap::look);
    reaper.reapEndedSessions();
  }

  private static void every(ScheduledExecutorService on, long millis, Runnable task) {
    ScheduledFuture<?> unused =
        on.scheduleWithFixedDelay(() -> guarded(task), millis, millis, TimeUnit.MILLISECONDS);
  }

  /** A boundary: the timer goes on whatever happens to one task. */
  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.error("upkeep failed, and will be tried again", e);
    }
  }

  /**
   * Gives up who has been silent for too long. Not when this process itself stood still, though:
   * what clients and servers said meanwhile is still to be read.
   */
  void watch() {
    long late = timerClock.ticks() - watchedTicks;
    watchedTicks = timerClock.ticks();
    for (int server : fleet.endMaintenance(time.now())) {
      log.info("the maintenance of the chunk server at {} is over", fleet.shown(server));
    }
    if (late > STANDSTILL_NANOS) {
      log.warn(
          "the master stood still for {} s: nobody is given up for silence in that time",
          TimeUnit.NANOSECONDS.toSeconds(late));
      return;
    }
    fleet.buryTheSilent(time.ticks());
    lockWaits.answerTheOld(time.ticks());
    for (LiveSession session : sessions.silent(time.ticks())) {
      log.info(
          "session {} of {} expires after {} s of silence",
          session.id(),
          session.description(),
          TimeUnit.NANOSECONDS.toSeconds(time.ticks() - session.heardTicks()));
      writer.submit(new ExpireSession(sessions, time, session), Answer.ignored());
    }
    for (Lease lease : leases.over(time.ticks())) {
      log.info("the lease that {} has of inode {} is over", lease.getHolder(), lease.getInode());
      writer.submit(new ExpireLease(leases, sessions, time, lease), Answer.ignored());
    }
  }

  /** Waits for what is under way: it reads the store. */
  public void stop() throws InterruptedException {
    List<ScheduledExecutorService> timers = List.of(timer, surveyTimer, slowTimer);
    timers.forEach(ScheduledExecutorService::shutdownNow);
    for (ScheduledExecutorService each : timers) {
      if (!each.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        log.warn("upkeep does not end");
      }
    }
  }
}
