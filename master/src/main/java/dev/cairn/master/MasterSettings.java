package dev.cairn.master;

import dev.cairn.master.backup.BackupSettings;
import dev.cairn.master.compact.CompactionSettings;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.repair.RepairSettings;
import dev.cairn.master.session.SessionSettings;
import dev.cairn.rpc.HostPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How a master runs.
 *
 * @param data the directory it keeps everything in
 * @param listen where clients and chunk servers find it; port 0 takes any
 * @param defaults the settings of what has none of its own
 * @param deadAfter how long a chunk server may be silent
 * @param sessions how long a client may be silent
 * @param garbageHold how long a chunk is kept that no file refers to
 * @param repair how much copying of chunks may cost
 * @param compaction what is written anew to give space back
 * @param backup which backups it makes by itself; null for none
 */
public record MasterSettings(
    Path data,
    HostPort listen,
    Defaults defaults,
    Duration deadAfter,
    SessionSettings sessions,
    Duration garbageHold,
    RepairSettings repair,
    CompactionSettings compaction,
    BackupSettings backup) {

  private static final Duration LEAST_SILENCE = Duration.ofSeconds(1);
  private static final Duration MOST_SILENCE = Duration.ofHours(1);
  private static final Duration MOST_HOLD = Duration.ofDays(30);

  public MasterSettings {
    check(
        isBetween(LEAST_SILENCE, deadAfter, MOST_SILENCE),
        "a chunk server is dead after a silence of 1 to 3600 seconds, not "
            + deadAfter.toSeconds());
    check(
        isBetween(Duration.ZERO, garbageHold, MOST_HOLD),
        "garbage is held for 0 to 2592000 seconds (30 days), not " + garbageHold.toSeconds());
  }

  /** The settings that decisions depend on, which must not change with the master that leads. */
  List<String> deciding() {
    return List.of(
        "--replicas=" + defaults.replicas(),
        "--chunk-size=" + defaults.chunkSize(),
        "--trash=" + defaults.trashSeconds() + "s",
        "--session-ttl=" + sessions.timeToLive().toSeconds(),
        "--garbage-hold=" + garbageHold.toSeconds(),
        "--dead-after=" + deadAfter.toSeconds());
  }

  /** Without backups by itself. */
  public MasterSettings(
      Path data,
      HostPort listen,
      Defaults defaults,
      Duration deadAfter,
      SessionSettings sessions,
      Duration garbageHold,
      RepairSettings repair,
      CompactionSettings compaction) {
    this(data, listen, defaults, deadAfter, sessions, garbageHold, repair, compaction, null);
  }

  private static boolean isBetween(Duration least, Duration time, Duration most) {
    return time.compareTo(least) >= 0 && time.compareTo(most) <= 0;
  }

  private static void check(boolean condition, String sentence) {
    if (!condition) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
