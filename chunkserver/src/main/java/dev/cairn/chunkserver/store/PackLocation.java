package dev.cairn.chunkserver.store;

/**
 * Where a packed chunk is, in one long: the pack's slot (17 bits), the position of its record (28)
 * and its length (19).
 */
final class PackLocation {

  static final long NONE = 0;

  /** The chunk is being written; its location follows. */
  static final long PENDING = 1;

  static final int MAX_SLOTS = 1 << 17;
  static final int MAX_POSITION = (1 << 28) - 1;

  private static final int LENGTH_BITS = 19;
  private static final int POSITION_BITS = 28;

  private PackLocation() {}

  static long of(int slot, long position, int length) {
    return ((long) slot << (POSITION_BITS + LENGTH_BITS)) | (position << LENGTH_BITS) | length;
  }

  static int slot(long location) {
    return (int) (location >>> (POSITION_BITS + LENGTH_BITS));
  }

  static int position(long location) {
    return (int) (location >>> LENGTH_BITS) & MAX_POSITION;
  }

  static int length(long location) {
    return (int) location & ((1 << LENGTH_BITS) - 1);
  }
}
