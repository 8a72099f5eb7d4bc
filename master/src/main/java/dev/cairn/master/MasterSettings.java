package dev.cairn.master;

import dev.cairn.master.decide.Defaults;
import dev.cairn.master.repair.RepairSettings;
import dev.cairn.rpc.HostPort;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a master runs.
 *
 * @param data the directory it keeps everything in
 * @param listen where clients and chunk servers find it; port 0 takes any
 * @param defaults the settings of what has none of its own
 * @param deadAfter how long a chunk server may be silent
 * @param sessionTimeToLive how long a client may be silent
 * @param garbageHold how long a chunk is kept that no file refers to
 * @param repair how much copying of chunks may cost
 */
public record MasterSettings(
    Path data,
    HostPort listen,
    Defaults defaults,
    Duration deadAfter,
    Duration sessionTimeToLive,
    Duration garbageHold,
    RepairSettings repair) {

  public MasterSettings {
    check(deadAfter.toMillis() >= 1000, "a chunk server is not dead after less than a second");
    check(sessionTimeToLive.toMillis() >= 1000, "a session lives for a second at least");
    check(!garbageHold.isNegative(), "garbage cannot be held for a negative time");
  }

  private static void check(boolean condition, String sentence) {
    if (!condition) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
