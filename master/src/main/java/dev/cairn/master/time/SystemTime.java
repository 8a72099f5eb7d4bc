package dev.cairn.master.time;

import java.time.Instant;

/** The machine's clocks. */
final class SystemTime implements Time {

  @Override
  public long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  @Override
  public long ticks() {
    return System.nanoTime();
  }
}
