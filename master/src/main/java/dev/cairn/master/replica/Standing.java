package dev.cairn.master.replica;

/** How much a replica counts for. */
public enum Standing {
  /** It cannot be read, or may go at any moment. */
  NONE,
  /** It can be read, and its server is to be emptied. */
  LEAVING,
  /** It can be read, and is where it should be. */
  STAYING
}
