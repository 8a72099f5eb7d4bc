package dev.cairn.chunkserver.store;

/** How a chunk is called in messages and in file names. */
final class ChunkName {

  private ChunkName() {}

  static String show(long chunkId) {
    return "chunk " + Long.toUnsignedString(chunkId);
  }

  /** Sixteen hexadecimal digits. */
  static String hex(long number) {
    return String.format("%016x", number);
  }

  /** The number of sixteen hexadecimal digits; 0 for any other text. */
  static long ofHex(String text) {
    if (text.length() != 16) {
      return 0;
    }
    try {
      return Long.parseUnsignedLong(text, 16);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
