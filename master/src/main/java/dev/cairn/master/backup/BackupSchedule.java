package dev.cairn.master.backup;

import dev.cairn.master.time.Time;
import dev.cairn.rpc.backup.BackupWriter;
import dev.cairn.rpc.backup.Manifest;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.proto.BackupStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes backups by itself, and knows how old the newest one is. One that fails is tried again
 * within a minute; the log says so once, and once when one succeeds again.
 */
public final class BackupSchedule {

  private static final Logger LOG = LoggerFactory.getLogger(BackupSchedule.class);
  private static final Duration RETRY = Duration.ofMinutes(1);

  /** A decision is applied a moment after the time it has in its records. */
  private static final long DECIDED_BEFORE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Garbage waits for no backup that is so much later than it should be. */
  private static final int MOST_MISSED = 3;

  private static final long STOP_SECONDS = 20;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Backups backups;
  private final BackupSettings settings;
  private final BackupSeries series;
  private final Time time;
  private final ScheduledExecutorService timer;
  private final long begunTicks;
  private volatile String failure = "";
  private volatile List<BackupSeries.Kept> kept = List.of();

  /** Whether the directory was looked into, which may take long if it is on another machine. */
  private volatile boolean known;

  /** For the timer's thread, from when it is known. */
  private long nextTicks;

  /**
   * Makes one that is not started yet.
   *
   * @param settings null when no backups are made by themselves
   */
  public BackupSchedule(Backups backups, BackupSettings settings, String clusterId, Time time) {
    this.backups = backups;
    this.settings = settings;
    this.time = time;
    this.series = settings == null ? null : new BackupSeries(settings.directory(), clusterId);
    this.timer =
        settings == null
            ? null
            : Executors.newSingleThreadScheduledExecutor(
                task -> new Thread(task, "master-backups"));
    this.begunTicks = time.ticks();
  }

  public void start() {
    if (settings != null) {
      ScheduledFuture<?> unused = timer.scheduleWithFixedDelay(this::look, 0, 1, TimeUnit.SECONDS);
    }
  }

  /** Makes a backup if it is time for one. */
  void look() {
    long began = time.ticks();
    if (known && began - nextTicks < 0) {
      return;
    }
    try {
      if (!known) {
        lookIntoDirectory();
        if (time.ticks() - nextTicks < 0) {
          return;
        }
      }
      make();
      nextTicks = began + settings.every().toNanos();
      if (!failure.isEmpty()) {
        LOG.info("backups to {} succeed again", settings.directory());
        failure = "";
      }
    } catch (IOException | RuntimeException e) {
      // A boundary: the timer goes on, unless the master ends.
      if (!timer.isShutdown() && !backups.isStopped()) {
        failed(e);
      }
    }
  }

  private void lookIntoDirectory() throws IOException {
    kept = series.list();
    long age = time.now() - newestTaken();
    long every = settings.every().toNanos();
    nextTicks = time.ticks() + (age >= 0 && age < every ? every - age : 0);
    known = true;
  }

  private void make() throws IOException {
    series.removeUnfinished();
    Path target = series.named(Manifest.instant(time.now()));
    try (BackupWriter writer = BackupWriter.to(target)) {
      long unused = backups.copy(writer::take);
    }
    series.thin(settings.keep(), target);
    kept = series.list();
  }

  private void failed(Exception e) {
    Duration pause = settings.every().compareTo(RETRY) < 0 ? settings.every() : RETRY;
    nextTicks = time.ticks() + pause.toNanos();
    String why = CommandRunner.oneLine(e);
    if (failure.isEmpty()) {
      LOG.warn("backups to {} fail, and are tried again: {}", settings.directory(), why);
    }
    failure = why;
  }

  /** When the newest backup of its own was made; 0 when there is none. */
  private long newestTaken() {
    return kept.isEmpty() ? 0 : kept.get(kept.size() - 1).taken();
  }

  /**
   * The time since which garbage may be needed, in nanoseconds since 1970: a backup that is
   * restored must find all of its chunks. Only the newest one counts, and none that is too old:
   * garbage would stay for ever while backups fail.
   */
  public long garbageNeededFrom() {
    if (settings == null) {
      return Long.MAX_VALUE;
    }
    if (!known) {
      boolean mayComeYet = time.ticks() - begunTicks < settings.every().toNanos();
      return mayComeYet ? 0 : Long.MAX_VALUE;
    }
    long newest = newestTaken();
    if (newest == 0 || time.now() - newest > MOST_MISSED * settings.every().toNanos()) {
      return Long.MAX_VALUE;
    }
    return newest - DECIDED_BEFORE_NANOS;
  }

  /**
   * What is known of copies of the names.
   *
   * @param masters how many masters there are, each of which has them
   */
  public BackupStatus status(int masters) {
    BackupStatus.Builder status = BackupStatus.newBuilder().setFailure(failure).setMasters(masters);
    long newest = backups.lastRead();
    if (settings != null) {
      List<BackupSeries.Kept> now = kept;
      status
          .setDirectory(settings.directory().toString())
          .setEveryMillis(settings.every().toMillis())
          .setKeep(settings.keep())
          .setKept(now.size());
      if (!now.isEmpty() && newestTaken() >= newest) {
        newest = newestTaken();
        status.setNewest(now.get(now.size() - 1).path().toString());
      }
    }
    if (newest != 0) {
      status
          .setNewestTaken(newest)
          .setNewestAgeMillis(Math.max(0, time.now() - newest) / NANOS_PER_MILLI);
    }
    return status.build();
  }

  /** Begins no backup any more. One that is being made is ended by {@link Backups#stop}. */
  public void stop() throws InterruptedException {
    if (timer != null) {
      timer.shutdown();
      if (!timer.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("the backups do not end");
      }
    }
  }
}
