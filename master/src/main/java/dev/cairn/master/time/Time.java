package dev.cairn.master.time;

/** What time it is, in two ways. */
public interface Time {

  /**
   * Nanoseconds since 1970, for what is stored and shown. May be set back by the machine's owner.
   */
  long now();

  /** Nanoseconds since some moment, for durations: never goes back. */
  long ticks();

  /** The machine's clocks. */
  static Time system() {
    return new SystemTime();
  }
}
