package dev.cairn.client;

import dev.cairn.rpc.checksum.Blocks;
import java.time.Duration;

/**
 * What a client can be told about itself.
 *
 * @param writeBufferBytes bytes that may wait to be written, over all files
 * @param readCacheBytes verified blocks kept for read-ahead and nearby reads, over all files
 * @param dataThreads most threads that wait for chunk servers at a time
 * @param connectPatience how long the first request goes on being sent to a master that was never
 *     reached
 * @param masterPatience how long a request goes on being sent while the master can't be reached
 * @param serverPatience how long reading, writing and syncing wait for chunk servers, counted from
 *     the last progress
 * @param writeBackAfter unwritten bytes of an open file are written and committed at that age
 */
public record ClientSettings(
    long writeBufferBytes,
    long readCacheBytes,
    int dataThreads,
    Duration connectPatience,
    Duration masterPatience,
    Duration serverPatience,
    Duration writeBackAfter) {

  /** How long a mount waits for a master or chunk servers where nothing else was said. */
  public static final Duration MOUNT_PATIENCE = Duration.ofMinutes(5);

  /** How long a command waits where nothing else was said. */
  public static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(30);

  private static final Duration MOUNTED_WITHIN = Duration.ofSeconds(30);
  private static final long LEAST_BUFFER_BYTES = 4 << 20;

  /** Of connections to chunk servers and to the master, which are bounded for each server. */
  private static final long CONNECTION_BYTES = 16 << 20;

  public ClientSettings {
    if (writeBufferBytes < LEAST_BUFFER_BYTES || readCacheBytes < LEAST_BUFFER_BYTES) {
      throw new IllegalArgumentException("a client needs at least 4 MiB for each of its buffers");
    }
    if (dataThreads < 2) {
      throw new IllegalArgumentException("a client needs at least 2 data threads");
    }
  }

  /** Direct memory that a client takes at most, in bytes. */
  public long directBytes() {
    return writeBufferBytes
        + readCacheBytes
        + (long) ClientThreads.mostReading(dataThreads) * Blocks.SIZE
        + CONNECTION_BYTES;
  }

  /** Settings of a client that waits for its first connection as long as for any other. */
  public ClientSettings(
      long writeBufferBytes,
      long readCacheBytes,
      int dataThreads,
      Duration masterPatience,
      Duration serverPatience,
      Duration writeBackAfter) {
    this(
        writeBufferBytes,
        readCacheBytes,
        dataThreads,
        masterPatience,
        masterPatience,
        serverPatience,
        writeBackAfter);
  }

  /** For a mount, with the usual patience. */
  public static ClientSettings forMount() {
    return forMount(MOUNT_PATIENCE);
  }

  /** For a mount, with room for streams. Who mounts hears soon that there is no master. */
  public static ClientSettings forMount(Duration patience) {
    return new ClientSettings(
        48 << 20,
        24 << 20,
        48,
        patience.compareTo(MOUNTED_WITHIN) < 0 ? patience : MOUNTED_WITHIN,
        patience,
        patience,
        Duration.ofSeconds(2));
  }

  /** For a command a person waits for: fails that long after its last progress. */
  public static ClientSettings forCommand(Duration timeout) {
    return new ClientSettings(
        32 << 20, 16 << 20, 16, timeout, timeout, timeout, Duration.ofSeconds(2));
  }
}
