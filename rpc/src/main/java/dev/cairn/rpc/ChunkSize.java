package dev.cairn.rpc;

/** The bounds of a file's chunk size and of its replication factor. */
public final class ChunkSize {

  public static final int MIN_BYTES = 2 << 10;
  public static final int MAX_BYTES = 1 << 30;
  public static final int DEFAULT_BYTES = 64 << 20;
  public static final int MAX_REPLICAS = 16;
  public static final int DEFAULT_REPLICAS = 2;

  private ChunkSize() {}

  /**
   * Returns the size as an int.
   *
   * @throws IllegalArgumentException with a sentence for the user when it is out of bounds
   */
  public static int checked(long bytes) {
    if (bytes < MIN_BYTES || bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a chunk size is between 2 KiB and 1 GiB, and " + bytes + " bytes is not");
    }
    return (int) bytes;
  }

  /**
   * Returns the replication factor.
   *
   * @throws IllegalArgumentException with a sentence for the user when it is out of bounds
   */
  public static int checkedReplicas(long replicas) {
    if (replicas < 1 || replicas > MAX_REPLICAS) {
      throw new IllegalArgumentException(
          "a replication factor is between 1 and "
              + MAX_REPLICAS
              + ", and "
              + replicas
              + " is not");
    }
    return (int) replicas;
  }
}
