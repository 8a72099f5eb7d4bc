package dev.cairn.chunkserver.store;

import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Blocks of a chunk in files of its own, which stay open until the run is closed. */
final class ChunkFileRun implements BlockRun {

  private final ChunkFile chunk;
  private final ChunkHandle open;
  private final long offset;
  private final int length;
  private final int[] sums;
  private boolean closed;

  /** Takes over a pin of the files. */
  ChunkFileRun(ChunkFile chunk, ChunkHandle open, long offset, int length, int[] sums) {
    this.chunk = chunk;
    this.open = open;
    this.offset = offset;
    this.length = length;
    this.sums = sums;
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public int[] read(ByteBuffer into) throws CairnException {
    ByteBuffer target = into.slice(into.position(), length);
    try {
      open.data.read(target, offset);
    } catch (IOException e) {
      throw chunk.disk().readFailed(chunk.id(), chunk.dataFile(), e);
    }
    int bad = BlockSums.firstBad(target.flip(), sums);
    if (bad >= 0) {
      throw chunk.disk().badBlock(chunk.id(), chunk.dataFile(), offset / Blocks.SIZE + bad);
    }
    into.position(into.position() + length);
    return sums;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      chunk.unpin(open);
    }
  }
}
