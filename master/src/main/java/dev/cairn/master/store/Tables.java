package dev.cairn.master.store;

/** Reads of the tables: of what is written, of a snapshot of it, or of what is about to be. */
public interface Tables {

  /** The value, or null when there is none. The caller owns the array. */
  byte[] get(Table table, byte[] key);

  /** A cursor over the keys that begin with the prefix, not yet positioned. To be closed. */
  Cursor cursor(Table table, byte[] prefix);
}
