package dev.cairn.client.file;

import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.WrittenChunk;
import java.util.ArrayList;
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

  /** A commit to make. */
  record Batch(List<Extent> extents, List<WrittenChunk> chunks) {
    long end() {
      return extents.stream()
          .mapToLong(extent -> extent.getFileOffset() + extent.getLength())
          .max()
          .orElse(0);
    }
  }

  private final List<Extent> extents = new ArrayList<>();
  private final Map<Long, WrittenChunk> chunks = new LinkedHashMap<>();
  private final Map<Long, List<Integer>> unsynced = new LinkedHashMap<>();

  void add(List<Extent> more, List<WrittenChunk> written) {
    extents.addAll(more);
    for (WrittenChunk chunk : written) {
      chunks.put(chunk.getChunkId(), chunk);
      unsynced.put(chunk.getChunkId(), chunk.getServerIdsList());
    }
  }

  boolean isEmpty() {
    return extents.isEmpty();
  }

  int size() {
    return extents.size();
  }

  /** Takes out the oldest extents, with the chunks they are in. */
  Batch take() {
    int count = Math.min(extents.size(), MOST_EXTENTS);
    List<Extent> taken = new ArrayList<>(extents.subList(0, count));
    extents.subList(0, count).clear();
    Set<Long> later = new HashSet<>();
    extents.forEach(extent -> later.add(extent.getChunkId()));
    Map<Long, WrittenChunk> named = new LinkedHashMap<>();
    for (Extent extent : taken) {
      WrittenChunk chunk = chunks.get(extent.getChunkId());
      if (chunk != null) {
        named.put(extent.getChunkId(), chunk);
      }
    }
    named
        .keySet()
        .forEach(
            chunkId -> {
              if (!later.contains(chunkId)) {
                chunks.remove(chunkId);
              }
            });
    return new Batch(taken, new ArrayList<>(named.values()));
  }

  /**
   * Takes out the chunks that were written to since the last call, with the servers that have them.
   */
  Map<Long, List<Integer>> takeUnsynced() {
    Map<Long, List<Integer>> taken = new LinkedHashMap<>(unsynced);
    unsynced.clear();
    return taken;
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

  void clear() {
    extents.clear();
    chunks.clear();
    unsynced.clear();
  }
}
