package dev.cairn.chunkserver.data;

import dev.cairn.chunkserver.store.Descriptors;
import java.time.Duration;

/**
 * The bounds of a data port.
 *
 * @param connections most connections at a time, each with a thread
 * @param bufferBytes direct memory for payload, at least 64 MiB
 * @param connect how long a chain waits for the next server, and for each behind it half a second
 *     more
 * @param acknowledge how long it waits for the next acknowledgement while any is due, likewise
 * @param force the same for an append that is forced to the disks
 * @param header how long the header of a frame may take from its first byte
 * @param frame how long the rest of a frame may take that has begun, and an answer to be taken
 * @param idle how long a connection may be silent between two frames
 * @param linger how long a connection is read on after a failure was sent on it
 */
public record DataPortSettings(
    int connections,
    long bufferBytes,
    Duration connect,
    Duration acknowledge,
    Duration force,
    Duration header,
    Duration frame,
    Duration idle,
    Duration linger) {

  private static final int MOST_CONNECTIONS = 1000;
  private static final Duration PER_SERVER = Duration.ofMillis(500);
  private static final int MOST_SLACK = 10;

  public DataPortSettings {
    if (connections < 1) {
      throw new IllegalArgumentException("a data port needs at least one connection");
    }
  }

  public static DataPortSettings defaults() {
    return new DataPortSettings(
        (int) Math.min(MOST_CONNECTIONS, Descriptors.most() / 3),
        96L << 20,
        Duration.ofSeconds(2),
        Duration.ofSeconds(3),
        Duration.ofSeconds(30),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofMinutes(15),
        Duration.ofSeconds(2));
  }

  /** The same with more time for the servers behind; as a client asks for it, within limits. */
  DataPortSettings withSlack(int slack) {
    int times = Math.max(1, Math.min(slack, MOST_SLACK));
    return new DataPortSettings(
        connections,
        bufferBytes,
        connect.multipliedBy(times),
        acknowledge.multipliedBy(times),
        force,
        header,
        frame,
        idle,
        linger);
  }

  /**
   * How long to wait for something that takes that long for one server, when there are so many
   * behind this one: each gives the next one time to give up on those behind it.
   */
  static Duration forChain(Duration one, int servers) {
    return one.plus(PER_SERVER.multipliedBy(Math.max(0, servers - 1)));
  }
}
