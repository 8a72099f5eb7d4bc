package dev.cairn.client.file;

import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.WrittenChunk;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the chunk servers have acknowledged and the master has yet to hear. Needs the file's lock.
 */
final class PendingCommit {

  /** Extents of one commit: with chunks of 2 KiB, 16 MiB of file. */
  static final int MOST_EXTENTS = 8192;

  /**
   * A commit to make.
   *
   * @param append the extents' offsets are positions in the stream of appends, one behind the other
   */
  record Batch(List<Extent> extents, List<WrittenChunk> chunks, boolean append) {

    /** Whether {@link #halves} can make two of it: appends stay together. */
    boolean canBeHalved() {
      return !append
          && !extents.isEmpty()
          && (extents.size() > 1 || extents.get(0).getLength() > 1);
    }

    /** Two commits that do the same one after the other. */
    List<Batch> halves() {
      List<Extent> first = new ArrayList<>();
      List<Extent> second = new ArrayList<>();
      if (extents.size() > 1) {
        first.addAll(extents.subList(0, extents.size() / 2));
        second.addAll(extents.subList(extents.size() / 2, extents.size()));
      } else {
        Extent whole = extents.get(0);
        long cut = whole.getLength() / 2;
        first.add(whole.toBuilder().setLength(cut).build());
        second.add(
            whole.toBuilder()
                .setFileOffset(whole.getFileOffset() + cut)
                .setChunkOffset(whole.getChunkOffset() + cut)
                .setLength(whole.getLength() - cut)
                .build());
      }
      Set<Long> inFirst = chunkIds(first);
      Set<Long> inSecond = chunkIds(second);
      List<WrittenChunk> chunksOfFirst = new ArrayList<>();
      List<WrittenChunk> chunksOfSecond = new ArrayList<>();
      for (WrittenChunk chunk : chunks) {
        boolean later = inSecond.contains(chunk.getChunkId());
        if (inFirst.contains(chunk.getChunkId())) {
          // The master deletes a sealed chunk that nothing refers to: it hears of the seal last.
          chunksOfFirst.add(later ? chunk.toBuilder().clearSealed().clearRagged().build() : chunk);
        }
        if (later || !inFirst.contains(chunk.getChunkId())) {
          chunksOfSecond.add(chunk);
        }
      }
      return List.of(
          new Batch(first, chunksOfFirst, false), new Batch(second, chunksOfSecond, false));
    }

    private static Set<Long> chunkIds(List<Extent> extents) {
      Set<Long> ids = new HashSet<>();
      extents.forEach(extent -> ids.add(extent.getChunkId()));
      return ids;
    }

    /** The extents as the master wants them: of an append, counted from its beginning. */
    List<Extent> placed() {
      if (!append) {
        return extents;
      }
      long start = extents.get(0).getFileOffset();
      return extents.stream()
          .map(extent -> extent.toBuilder().setFileOffset(extent.getFileOffset() - start).build())
          .toList();
    }

    long end() {
      return placed().stream()
          .mapToLong(extent -> extent.getFileOffset() + extent.getLength())
          .max()
          .orElse(0);
    }
  }

  /** What is committed at a time: the extents of one arena. */
  private record Group(List<Extent> extents, boolean append) {}

  private final Deque<Group> groups = new ArrayDeque<>();
  private final Map<Long, WrittenChunk> chunks = new LinkedHashMap<>();
  private final Map<Long, List<Integer>> unsynced = new LinkedHashMap<>();
  private int size;

  void add(List<Extent> extents, List<WrittenChunk> written, boolean append) {
    groups.add(new Group(extents, append));
    size += extents.size();
    for (WrittenChunk chunk : written) {
      chunks.put(chunk.getChunkId(), chunk);
      unsynced.put(chunk.getChunkId(), chunk.getServerIdsList());
    }
  }

  /** A chunk is sealed; answers whether the master hears of it with bytes that it has. */
  boolean seal(WrittenChunk chunk) {
    boolean isIn = uncommitted().contains(chunk.getChunkId());
    if (isIn) {
      chunks.put(chunk.getChunkId(), chunk);
    }
    return isIn;
  }

  boolean isEmpty() {
    return groups.isEmpty();
  }

  int size() {
    return size;
  }

  /**
   * Takes out the oldest extents, with the chunks they are in: appends or others, about as many as
   * a commit may have.
   */
  Batch take() {
    boolean append = groups.getFirst().append();
    List<Extent> taken = new ArrayList<>();
    while (!groups.isEmpty()
        && groups.getFirst().append() == append
        && (taken.isEmpty() || taken.size() + groups.getFirst().extents().size() <= MOST_EXTENTS)) {
      taken.addAll(groups.poll().extents());
    }
    size -= taken.size();
    return new Batch(taken, takeChunks(taken), append);
  }

  /** Those of the extents, and those no extent is in any more, which are just to be sealed. */
  private List<WrittenChunk> takeChunks(List<Extent> taken) {
    Set<Long> later = uncommitted();
    Set<Long> now = new HashSet<>();
    taken.forEach(extent -> now.add(extent.getChunkId()));
    List<WrittenChunk> named = new ArrayList<>();
    for (WrittenChunk chunk : List.copyOf(chunks.values())) {
      if (!later.contains(chunk.getChunkId())) {
        named.add(chunks.remove(chunk.getChunkId()));
      } else if (now.contains(chunk.getChunkId())) {
        // With the seal the chunk's grant may end: the master hears of it with the last bytes.
        named.add(chunk.toBuilder().clearSealed().clearRagged().build());
      }
    }
    return named;
  }

  /** The chunks with bytes that no commit has taken yet. */
  Set<Long> uncommitted() {
    Set<Long> chunkIds = new HashSet<>();
    groups.forEach(group -> group.extents().forEach(extent -> chunkIds.add(extent.getChunkId())));
    return chunkIds;
  }

  /** The chunks that were written to and not forced since, with the servers that have them. */
  Map<Long, List<Integer>> unsynced() {
    return new LinkedHashMap<>(unsynced);
  }

  /** Chunks are forced, as {@link #unsynced} named them: what was written since then is not. */
  void synced(Map<Long, List<Integer>> forced) {
    forced.forEach(
        (chunkId, servers) ->
            unsynced.computeIfPresent(chunkId, (id, now) -> now == servers ? null : now));
  }

  /** A server turned out not to have a chunk: the commit will not name it. */
  void lost(long chunkId, int serverId) {
    chunks.computeIfPresent(
        chunkId,
        (id, chunk) -> {
          List<Integer> rest = new ArrayList<>(chunk.getServerIdsList());
          rest.remove((Integer) serverId);
          return chunk.toBuilder().clearServerIds().addAllServerIds(rest).build();
        });
  }

  /** Forgets what is to be committed. What was committed before is to be forced nevertheless. */
  void clear() {
    groups.clear();
    size = 0;
    chunks.clear();
  }
}
