package dev.cairn.master.repair;

/**
 * How much of the servers' bandwidth copies may take.
 *
 * @param streams copies a server makes at a time
 * @param bytesPerSecond that it reads for all of them
 * @param balanceBytesPerSecond that are moved in the whole cluster to fill servers alike; 0:
 *     nothing
 */
public record RepairSettings(int streams, long bytesPerSecond, long balanceBytesPerSecond) {

  public static final int DEFAULT_STREAMS = 2;
  public static final long DEFAULT_BYTES_PER_SECOND = 64 << 20;

  public static final long DEFAULT_BALANCE_BYTES_PER_SECOND = 16 << 20;

  private static final int MOST_STREAMS = 64;

  public RepairSettings {
    if (streams < 1 || streams > MOST_STREAMS) {
      throw new IllegalArgumentException(
          "a chunk server makes 1 to " + MOST_STREAMS + " copies at a time, not " + streams);
    }
    if (bytesPerSecond < 1 << 16) {
      throw new IllegalArgumentException("copies need at least 64 KiB a second");
    }
    if (balanceBytesPerSecond < 0) {
      throw new IllegalArgumentException("balancing cannot move less than nothing");
    }
  }

  public static RepairSettings defaults() {
    return new RepairSettings(
        DEFAULT_STREAMS, DEFAULT_BYTES_PER_SECOND, DEFAULT_BALANCE_BYTES_PER_SECOND);
  }
}
