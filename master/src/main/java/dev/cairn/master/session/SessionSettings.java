package dev.cairn.master.session;

import java.time.Duration;

/**
 * How long a client may be silent.
 *
 * @param timeToLive before its session ends
 * @param grace after a start of the master, before any session ends that it took over; not shorter
 */
public record SessionSettings(Duration timeToLive, Duration grace) {

  private static final Duration LEAST = Duration.ofSeconds(1);
  private static final Duration MOST = Duration.ofHours(1);

  public SessionSettings {
    if (timeToLive.compareTo(LEAST) < 0 || timeToLive.compareTo(MOST) > 0) {
      throw new IllegalArgumentException(
          "a session lives for 1 to 3600 seconds without its client, not "
              + timeToLive.toSeconds());
    }
    if (grace.compareTo(timeToLive) < 0 || grace.compareTo(MOST) > 0) {
      throw new IllegalArgumentException(
          "the grace after a start of the master is as long as a session lives ("
              + timeToLive.toSeconds()
              + " seconds) to 3600 seconds, not "
              + grace.toSeconds());
    }
  }

  /** With a grace of the time to live. */
  public static SessionSettings of(Duration timeToLive) {
    return new SessionSettings(timeToLive, timeToLive);
  }
}
