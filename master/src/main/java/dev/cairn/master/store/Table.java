package dev.cairn.master.store;

/** The tables of the master's state; {@link Layout} says what is in each. */
public enum Table {
  META(Use.SMALL),
  INODES(Use.LARGE),
  ENTRIES(Use.LARGE),
  DENTRIES(Use.SMALL),
  XATTRS(Use.MEDIUM),
  EXTENTS(Use.LARGE),
  CHUNKS(Use.LARGE),
  GARBAGE(Use.MEDIUM),
  ORPHANS(Use.SMALL),
  SESSIONS(Use.SMALL),
  GRANTS(Use.SMALL),
  REPLIES(Use.MEDIUM),
  SERVERS(Use.SMALL),
  BAD_REPLICAS(Use.SMALL),
  LOCKS(Use.SMALL),
  LOCKED_FILES(Use.SMALL),
  TRASH(Use.MEDIUM),
  TRASH_TIMES(Use.MEDIUM),
  LEASES(Use.SMALL),
  LEASED_FILES(Use.SMALL);

  /** How much of it is expected, which decides how much memory its writes may gather in. */
  enum Use {
    SMALL(1 << 20),
    MEDIUM(4 << 20),
    LARGE(12 << 20);

    private final int writeBufferBytes;

    Use(int writeBufferBytes) {
      this.writeBufferBytes = writeBufferBytes;
    }

    int writeBufferBytes() {
      return writeBufferBytes;
    }
  }

  private final Use use;

  Table(Use use) {
    this.use = use;
  }

  Use use() {
    return use;
  }
}
