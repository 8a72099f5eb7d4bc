package dev.cairn.chunkserver.copy;

import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.chunkserver.store.Part;
import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChunkPart;
import dev.cairn.rpc.proto.ReadRange;
import dev.cairn.rpc.proto.ServerAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts new chunks together out of parts of others. What is read are whole blocks with their
 * checksums; the parts lie elsewhere in the new chunk and get checksums anew. So that nothing comes
 * between the old checksum and the new one, a block is verified after its bytes were taken, and
 * what was taken is compared with it.
 */
final class Assembly {

  private final ChunkStore store;
  private final Sources sources;
  private final ByteBuffer in;
  private final ByteBuffer out = ByteBuffer.allocateDirect(Source.MOST_BYTES);

  /**
   * @param in holds what is read, for one thread
   */
  Assembly(ChunkStore store, Sources sources, ByteBuffer in) {
    this.store = store;
    this.sources = sources;
    this.in = in;
  }

  /** Some bytes of a part, and the blocks around them. */
  private record Piece(ChunkPart part, int offset, int length) {

    int firstByte() {
      return (int) Blocks.floor(offset);
    }

    ReadRange range() {
      return ReadRange.newBuilder()
          .setChunkId(part.getChunkId())
          .setOffset(firstByte())
          .setLength(offset + length - firstByte())
          .build();
    }
  }

  /** Appends the new chunk to the store, sealed with its last bytes. */
  void build(CopyTask task) throws CairnException {
    List<Piece> pieces = pieces(task);
    int written = 0;
    int next = 0;
    out.clear();
    while (next < pieces.size()) {
      int end = batchEnd(task, pieces, next);
      List<Piece> batch = pieces.subList(next, end);
      List<Source.Piece> read = read(task, batch);
      for (int i = 0; i < batch.size(); i++) {
        written = take(task, batch.get(i), read.get(i), written);
      }
      next = end;
    }
    append(task, written, true);
  }

  /** The parts, cut so that the blocks around each piece fit a request. */
  private static List<Piece> pieces(CopyTask task) {
    List<Piece> pieces = new ArrayList<>();
    for (ChunkPart part : task.parts()) {
      int at = part.getOffset();
      int end = at + part.getLength();
      while (at < end) {
        int length = (int) Math.min(end - at, Blocks.floor(at) + Source.MOST_BYTES - at);
        pieces.add(new Piece(part, at, length));
        at += length;
      }
    }
    return pieces;
  }

  /** Pieces from the same servers, as many as fit a request. */
  private static int batchEnd(CopyTask task, List<Piece> pieces, int first) {
    List<ServerAddress> servers = task.serversOf(pieces.get(first).part().getChunkId());
    long bytes = 0;
    int end = first;
    while (end < pieces.size() && end - first < Source.MOST_RANGES) {
      Piece piece = pieces.get(end);
      // The source answers with whole blocks.
      bytes += Blocks.ceiling(piece.offset() + piece.length()) - piece.firstByte();
      boolean joins =
          bytes <= Source.MOST_BYTES && task.serversOf(piece.part().getChunkId()).equals(servers);
      if (end > first && !joins) {
        break;
      }
      end++;
    }
    return end;
  }

  /** Reads the pieces from the first server that has them all. */
  private List<Source.Piece> read(CopyTask task, List<Piece> batch) throws CairnException {
    List<ReadRange> ranges = batch.stream().map(Piece::range).toList();
    long chunk = batch.get(0).part().getChunkId();
    CairnException failure = ErrorCode.NO_CHUNK.because("no server has chunk " + chunk);
    for (ServerAddress server : task.serversOf(chunk)) {
      try {
        List<Source.Piece> read = sources.read(server, ranges, in);
        CairnException bad = firstFailure(read);
        if (bad == null) {
          return read;
        }
        failure = bad;
      } catch (CairnException e) {
        if (e.code() == ErrorCode.STOPPING) {
          throw e;
        }
        failure = e;
      }
    }
    throw failure;
  }

  private static CairnException firstFailure(List<Source.Piece> read) {
    for (Source.Piece piece : read) {
      if (piece.failure() != null) {
        return piece.failure();
      }
    }
    return null;
  }

  /** Takes the bytes of a piece, and appends what is full; answers how much is written by then. */
  private int take(CopyTask task, Piece piece, Source.Piece read, int before)
      throws CairnException {
    int written = before;
    ByteBuffer from =
        in.slice(read.position() + piece.offset() - piece.firstByte(), piece.length());
    while (from.hasRemaining()) {
      int length = Math.min(from.remaining(), out.remaining());
      ByteBuffer some = from.slice(from.position(), length);
      int at = out.position();
      out.put(some.duplicate());
      verify(piece, read);
      if (out.slice(at, length).mismatch(some) >= 0) {
        throw ErrorCode.CORRUPT.because("bytes changed while they were put together");
      }
      from.position(from.position() + length);
      if (!out.hasRemaining() && written + out.position() < task.length()) {
        written = append(task, written, false);
      }
    }
    return written;
  }

  private void verify(Piece piece, Source.Piece read) throws CairnException {
    int length = piece.offset() + piece.length() - piece.firstByte();
    int at = 0;
    for (int sum : read.checksums()) {
      int block = Math.min(Blocks.SIZE, length - at);
      if (Blocks.checksum(in.slice(read.position() + at, block)) != sum) {
        throw ErrorCode.CORRUPT.because(
            "bytes received of chunk "
                + piece.part().getChunkId()
                + " do not match their checksum");
      }
      at += block;
    }
  }

  private int append(CopyTask task, int written, boolean seal) throws CairnException {
    ByteBuffer bytes = out.flip();
    int length = bytes.remaining();
    store.append(List.of(Part.ofBytes(task.chunkId(), written, bytes, seal)), bytes);
    out.clear();
    return written + length;
  }
}
