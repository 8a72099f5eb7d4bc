package dev.cairn.master.repair;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Tells from how much went in the last minute how long the rest will take. */
final class Pace {

  private static final long WINDOW_NANOS = Duration.ofSeconds(60).toNanos();
  private static final double NANOS_PER_MILLI = 1e6;

  private record Point(long ticks, long left) {}

  private final Deque<Point> points = new ArrayDeque<>();

  /** So much is left now. When it has become more, what was before says nothing. */
  void left(long left, long nowTicks) {
    if (!points.isEmpty() && points.getLast().left() < left) {
      points.clear();
    }
    while (!points.isEmpty() && nowTicks - points.getFirst().ticks() > WINDOW_NANOS) {
      points.removeFirst();
    }
    points.addLast(new Point(nowTicks, left));
  }

  /** How long the rest takes, 0 when that cannot be said. */
  long millisLeft() {
    if (points.isEmpty()) {
      return 0;
    }
    long gone = points.getFirst().left() - points.getLast().left();
    long nanos = points.getLast().ticks() - points.getFirst().ticks();
    return gone <= 0
        ? 0
        : (long) ((double) points.getLast().left() / gone * nanos / NANOS_PER_MILLI);
  }
}
