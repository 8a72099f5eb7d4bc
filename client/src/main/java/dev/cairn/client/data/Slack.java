package dev.cairn.client.data;

/**
 * How many times as long as usual a writer waits for the servers of a chain. A server that is
 * silent is left soon, for another one. But where one chain after the other is silent, and the
 * master goes on to name their servers among the living, all of them are slow: on a machine under a
 * heavy load, say. Then each chain gets more time than the one before, and less again as bytes are
 * acknowledged. For one thread.
 */
public final class Slack {

  private static final int MOST = 10;
  private static final int MOST_SILENCES = 6;

  private int silences;

  /** A chain did not acknowledge in time. */
  public void silent() {
    silences = Math.min(silences + 1, MOST_SILENCES);
  }

  /** A chain acknowledged something. */
  public void acknowledged() {
    silences = Math.max(0, silences - 1);
  }

  /** 1 to 10. */
  public int times() {
    return silences < 2 ? 1 : Math.min(1 << (silences - 1), MOST);
  }
}
