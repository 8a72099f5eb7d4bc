package dev.cairn.master.upkeep;

import dev.cairn.master.decide.SessionDecider;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Writer;
import dev.cairn.master.repair.Repairs;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.session.LockWaits;
import dev.cairn.master.time.Time;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The timer and what it does. */
public final class Upkeep {

  private static final Logger log = LoggerFactory.getLogger(Upkeep.class);
  private static final long REAP_MILLIS = 100;
  private static final long WATCH_MILLIS = 500;

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "master-upkeep"));
  private final Writer writer;
  private final Time time;
  private final LiveSessions sessions;
  private final Fleet fleet;
  private final Reaper reaper;
  private final LockWaits lockWaits;
  private final TrashCollection trash;
  private final Repairs repairs;

  public Upkeep(
      Writer writer,
      Time time,
      LiveSessions sessions,
      Fleet fleet,
      Reaper reaper,
      LockWaits lockWaits,
      TrashCollection trash,
      Repairs repairs) {
    this.writer = writer;
    this.time = time;
    this.sessions = sessions;
    this.fleet = fleet;
    this.reaper = reaper;
    this.lockWaits = lockWaits;
    this.trash = trash;
    this.repairs = repairs;
  }

  public void start() {
    every(REAP_MILLIS, reaper::reapOrphans);
    every(WATCH_MILLIS, this::watch);
    every(WATCH_MILLIS, trash::collect);
    every(WATCH_MILLIS, repairs::survey);
    reaper.reapEndedSessions();
  }

  private void every(long millis, Runnable task) {
    ScheduledFuture<?> unused =
        timer.scheduleWithFixedDelay(() -> guarded(task), millis, millis, TimeUnit.MILLISECONDS);
  }

  /** A boundary: the timer goes on whatever happens to one task. */
  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.error("upkeep failed, and will be tried again", e);
    }
  }

  /** Gives up who has been silent for too long. */
  void watch() {
    fleet.buryTheSilent(time.ticks());
    lockWaits.answerTheOld(time.ticks());
    for (LiveSession session : sessions.silent(time.ticks())) {
      log.info(
          "session {} of {} has expired after {} s of silence",
          session.id(),
          session.description(),
          TimeUnit.NANOSECONDS.toSeconds(time.ticks() - session.heardTicks()));
      writer.submit((view, now) -> SessionDecider.end(view, session.id()), Answer.ignored());
    }
  }

  public void stop() {
    timer.shutdownNow();
  }
}
