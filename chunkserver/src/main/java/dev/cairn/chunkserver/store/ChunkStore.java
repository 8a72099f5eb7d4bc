package dev.cairn.chunkserver.store;

import dev.cairn.rpc.error.CairnException;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/** Where the replicas of chunks are kept. */
public interface ChunkStore extends Closeable {

  /**
   * Appends each part's bytes to its chunk, in order; the buffer's remaining bytes are those of all
   * parts, one behind the other. When it returns, the operating system has them. When it fails,
   * parts before the one at fault may be in.
   *
   * @throws CairnException {@code CORRUPT} when bytes do not match their checksums, {@code
   *     NOT_AT_END} when a part does not begin at the end of its chunk or the chunk is sealed,
   *     {@code NO_SPACE}, {@code NO_CHUNK} when a part does not begin at 0 and there is no such
   *     chunk, or {@code IO}
   */
  void append(List<Part> parts, ByteBuffer bytes) throws CairnException;

  /**
   * The whole blocks around a range of a chunk, as they are now.
   *
   * @throws CairnException {@code NO_CHUNK} when the chunk is not here or shorter than the range
   */
  BlockRun blocks(long chunkId, long offset, int length) throws CairnException;

  /**
   * Looks whether the chunk's file is still there: what is open is readable without its name, but
   * not after a restart. Says nothing of a chunk that is not here.
   *
   * @throws CairnException {@code CORRUPT} when it is gone, which is a finding
   */
  void requireFile(long chunkId) throws CairnException;

  /** Forces chunks to the disk; everything appended before the call is durable after it. */
  void sync(Collection<Long> chunkIds) throws CairnException;

  /** Removes chunks, and tells the master; ids that are not here are ignored. */
  void delete(Collection<Long> chunkIds);

  /** Removes chunks, keeps them aside for a time, and tells the master that they are gone. */
  void quarantine(Collection<Long> chunkIds);

  /** Removes chunks that the master does not count on, and keeps them aside for a time. */
  void putAside(Collection<Long> chunkIds);

  /** Keeps everything that was put aside, whatever its age, or no longer. */
  void keepQuarantine(boolean everything);

  /** Removes chunks that the master does not count on. */
  void discard(Collection<Long> chunkIds);

  /** The chunk as it is now, or null when it is not here. */
  Replica replica(long chunkId);

  /** Shows every chunk that was here when the call began and was not deleted meanwhile. */
  void list(Consumer<Replica> to);

  long count();

  List<DiskReport> disks();

  Findings findings();

  /** Forces everything to the disks and lets go of them. */
  @Override
  void close();
}
