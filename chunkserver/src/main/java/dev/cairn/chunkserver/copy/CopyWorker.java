package dev.cairn.chunkserver.copy;

import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.chunkserver.store.Part;
import dev.cairn.chunkserver.store.Replica;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.CopyResult;
import dev.cairn.rpc.proto.ReadRange;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.wire.FrameChannel;
import dev.cairn.rpc.wire.Transport;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Copies chunks, on one thread. What is copied gathers until it is worth a force, or nothing else
 * is to be done; only then it counts.
 */
final class CopyWorker implements AutoCloseable {

  private static final long FORCE_BYTES = 16 << 20;
  private static final int MOST_UNFORCED = 2048;

  private final ChunkStore store;
  private final Sources sources;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(FrameChannel.MAX_PAYLOAD_BYTES);
  private Assembly assembly;
  private final List<CopyTask> unforced = new ArrayList<>();
  private final List<CopyResult> ended = new ArrayList<>();
  private long unforcedBytes;

  CopyWorker(ChunkStore store, Transport transport, Supplier<String> clusterId, Throttle throttle) {
    this.store = store;
    this.sources = new Sources(transport, clusterId, throttle);
  }

  /**
   * Copies chunks that have the same sources: one, or several small ones; or puts one together.
   *
   * @return what has ended: often nothing, or more than was given
   */
  List<CopyResult> copy(List<CopyTask> tasks) {
    List<CopyTask> missing = new ArrayList<>(tasks.size());
    for (CopyTask task : tasks) {
      if (isHere(task)) {
        copied(task);
      } else {
        missing.add(task);
      }
    }
    if (missing.size() == 1 && missing.get(0).isBuilt()) {
      build(missing.get(0));
    } else if (missing.size() == 1) {
      copyAlone(missing.get(0));
    } else {
      copyTogether(missing);
    }
    boolean worthIt = unforcedBytes >= FORCE_BYTES || unforced.size() >= MOST_UNFORCED;
    return worthIt ? finish() : told();
  }

  /** Forces what was copied; answers it. */
  List<CopyResult> finish() {
    force();
    return told();
  }

  private List<CopyResult> told() {
    List<CopyResult> told = List.copyOf(ended);
    ended.clear();
    return told;
  }

  /**
   * Whether an earlier copy is here; one that is too short or bad is put aside: it may hold more
   * than can be verified.
   */
  private boolean isHere(CopyTask task) {
    Replica replica = store.replica(task.chunkId());
    if (replica == null) {
      return false;
    }
    if (task.replaces()) {
      store.quarantine(List.of(task.chunkId()));
      return false;
    }
    if (replica.length() >= task.length()) {
      return true;
    }
    store.putAside(List.of(task.chunkId()));
    return false;
  }

  private void copied(CopyTask task) {
    unforced.add(task);
    unforcedBytes += task.length();
  }

  private void failed(CopyTask task, CairnException why) {
    task.failed(why);
    ended.add(task.notDone());
  }

  private void build(CopyTask task) {
    if (assembly == null) {
      assembly = new Assembly(store, sources, buffer);
    }
    try {
      assembly.build(task);
      copied(task);
    } catch (CairnException e) {
      store.discard(List.of(task.chunkId()));
      failed(task, e);
    }
  }

  /** Copies small chunks with one request to each source that is needed. */
  private void copyTogether(List<CopyTask> tasks) {
    List<CopyTask> left = tasks;
    int sourceCount = tasks.isEmpty() ? 0 : tasks.get(0).sources().size();
    for (int i = 0; i < sourceCount && !left.isEmpty(); i++) {
      left = copyFrom(left.get(0).sources().get(i), left);
    }
    for (CopyTask task : left) {
      if (task.needsRoom()) {
        copyAlone(task);
      } else {
        ended.add(task.notDone());
      }
    }
  }

  /** Answers those that another source is to be asked for. */
  private List<CopyTask> copyFrom(ServerAddress source, List<CopyTask> tasks) {
    List<ReadRange> ranges = new ArrayList<>(tasks.size());
    for (CopyTask task : tasks) {
      ranges.add(range(task.chunkId(), 0, task.length()));
    }
    List<CopyTask> left = new ArrayList<>();
    List<CopyTask> taken = new ArrayList<>(tasks.size());
    List<Part> parts = new ArrayList<>(tasks.size());
    List<Source.Piece> pieces;
    try {
      pieces = sources.read(source, ranges, buffer);
    } catch (CairnException e) {
      tasks.forEach(task -> task.failed(e));
      return tasks;
    }
    for (int i = 0; i < tasks.size(); i++) {
      CopyTask task = tasks.get(i);
      Source.Piece piece = pieces.get(i);
      if (piece.failure() == null) {
        taken.add(task);
        parts.add(new Part(task.chunkId(), 0, task.length(), piece.checksums(), true));
      } else {
        refused(task, source, piece.failure());
        left.add(task);
      }
    }
    try {
      store.append(parts, buffer);
      taken.forEach(this::copied);
    } catch (CairnException e) {
      if (e.code() == ErrorCode.CORRUPT) {
        taken.forEach(task -> task.failed(e));
        left.addAll(taken);
      } else {
        taken.forEach(task -> failed(task, e));
      }
    }
    return left;
  }

  private static ReadRange range(long chunkId, long offset, int length) {
    return ReadRange.newBuilder().setChunkId(chunkId).setOffset(offset).setLength(length).build();
  }

  private static void refused(CopyTask task, ServerAddress source, CairnException why) {
    if (why.code() == ErrorCode.CORRUPT || why.code() == ErrorCode.NO_CHUNK) {
      task.badSource(source, why);
    } else {
      task.failed(why);
    }
  }

  /** Copies a chunk piece by piece, going on at the next source where one fails. */
  private void copyAlone(CopyTask task) {
    int next = 0;
    int offset = 0;
    try {
      while (offset < task.length() && next < task.sources().size()) {
        int length = Math.min(Source.MOST_BYTES, task.length() - offset);
        if (copyPiece(task, task.sources().get(next), offset, length)) {
          offset += length;
        } else {
          next++;
        }
      }
    } catch (CairnException e) {
      task.failed(e);
      next = task.sources().size();
    }
    if (offset == task.length()) {
      copied(task);
    } else {
      if (offset > 0) {
        store.discard(List.of(task.chunkId()));
      }
      ended.add(task.notDone());
    }
  }

  /**
   * Answers whether the piece could be had from the source.
   *
   * @throws CairnException when it cannot be stored here
   */
  private boolean copyPiece(CopyTask task, ServerAddress source, int offset, int length)
      throws CairnException {
    Source.Piece piece;
    try {
      piece = sources.read(source, List.of(range(task.chunkId(), offset, length)), buffer).get(0);
    } catch (CairnException e) {
      task.failed(e);
      return false;
    }
    if (piece.failure() != null) {
      refused(task, source, piece.failure());
      return false;
    }
    boolean seal = offset + length == task.length();
    Part part = new Part(task.chunkId(), offset, length, piece.checksums(), seal);
    try {
      store.append(List.of(part), buffer);
      return true;
    } catch (CairnException e) {
      if (e.code() != ErrorCode.CORRUPT) {
        throw e;
      }
      task.failed(e);
      return false;
    }
  }

  private void force() {
    if (unforced.isEmpty()) {
      return;
    }
    List<Long> ids = new ArrayList<>(unforced.size());
    unforced.forEach(task -> ids.add(task.chunkId()));
    try {
      store.sync(ids);
      unforced.forEach(task -> ended.add(task.done()));
    } catch (CairnException e) {
      unforced.forEach(task -> failed(task, e));
    }
    unforced.clear();
    unforcedBytes = 0;
  }

  /** Ends what is under way, from any thread. */
  void stop() {
    sources.stop();
  }

  @Override
  public void close() {
    sources.close();
  }
}
