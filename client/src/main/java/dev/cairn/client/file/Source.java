package dev.cairn.client.file;

/** Where bytes of a file are. */
sealed interface Source {

  /** The source of the bytes that many behind. */
  Source plus(long delta);

  /** In this client's memory, at a position of an arena. */
  record Buffered(Arena arena, int position) implements Source {
    @Override
    public Buffered plus(long delta) {
      return new Buffered(arena, (int) (position + delta));
    }
  }

  /** On chunk servers. */
  record Stored(long chunkId, long chunkOffset) implements Source {
    @Override
    public Stored plus(long delta) {
      return new Stored(chunkId, chunkOffset + delta);
    }
  }
}
