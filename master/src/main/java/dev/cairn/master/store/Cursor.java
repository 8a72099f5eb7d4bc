package dev.cairn.master.store;

/**
 * A position among the keys of a table that have a prefix in common, in the order of their unsigned
 * bytes. For one thread.
 */
public interface Cursor extends AutoCloseable {

  /** Moves to the first key that is not before the given one; false when there is none. */
  boolean seek(byte[] key);

  /** Moves on from a valid position; false when that was the last. */
  boolean next();

  /** The key at a valid position. */
  byte[] key();

  /** The value at a valid position. */
  byte[] value();

  @Override
  void close();
}
