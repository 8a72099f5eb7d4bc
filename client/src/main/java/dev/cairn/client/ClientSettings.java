package dev.cairn.client;

import dev.cairn.rpc.checksum.Blocks;
import java.time.Duration;

/**
 * What a client can be told about itself.
 *
 * @param writeBufferBytes bytes that may wait to be written, over all files
 * @param readCacheBytes verified blocks kept for read-ahead and nearby reads, over all files
 * @param dataThreads most threads that wait for chunk servers at a time
 * @param masterPatience how long a request goes on being sent while the master can't be reached
 * @param serverPatience how long writing goes on looking for chunk servers when there are none
 * @param writeBackAfter unwritten bytes of an open file are written and committed at that age
 */
public record ClientSettings(
    long writeBufferBytes,
    long readCacheBytes,
    int dataThreads,
    Duration masterPatience,
    Duration serverPatience,
    Duration writeBackAfter) {

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
    return writeBufferBytes + readCacheBytes + (long) dataThreads * Blocks.SIZE + CONNECTION_BYTES;
  }

  /** For a mount: patient, with room for streams. */
  public static ClientSettings forMount() {
    return new ClientSettings(
        48 << 20,
        24 << 20,
        48,
        Duration.ofSeconds(30),
        Duration.ofSeconds(6),
        Duration.ofSeconds(2));
  }

  /** For a command a person waits for: says soon that something can't be reached. */
  public static ClientSettings forCommand() {
    return new ClientSettings(
        32 << 20,
        16 << 20,
        16,
        Duration.ofSeconds(3),
        Duration.ofSeconds(6),
        Duration.ofSeconds(2));
  }
}
