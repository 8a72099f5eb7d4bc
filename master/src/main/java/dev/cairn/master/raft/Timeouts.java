package dev.cairn.master.raft;

import java.time.Duration;

/** The times that leadership depends on. */
final class Timeouts {

  /** A follower that has heard from the leader within this time supports no other one. */
  static final Duration LEAST = Duration.ofMillis(700);

  /** A follower stands for election after a silence between {@link #LEAST} and this. */
  static final Duration MOST = Duration.ofSeconds(1);

  /**
   * A leader serves for so long after it sent what a majority has answered: shorter than {@link
   * #LEAST} by what clocks may drift and an answer may take to get out.
   */
  static final Duration LEASE = Duration.ofMillis(600);

  /** A leader that lost its majority for so long follows. */
  static final Duration STEP_DOWN = Duration.ofSeconds(2);

  private Timeouts() {}
}
