package dev.cairn.master;

import dev.cairn.master.time.Time;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that goes when it is told to. */
public final class ManualTime implements Time {

  private static final long START = 1_700_000_000_000_000_000L;

  private final AtomicLong passed = new AtomicLong();

  public void pass(Duration duration) {
    passed.addAndGet(duration.toNanos());
  }

  @Override
  public long now() {
    return START + passed.get();
  }

  @Override
  public long ticks() {
    return passed.get();
  }
}
