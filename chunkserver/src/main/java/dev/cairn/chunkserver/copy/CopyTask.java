package dev.cairn.chunkserver.copy;

import dev.cairn.chunkserver.store.Part;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.BadSource;
import dev.cairn.rpc.proto.BuildOrder;
import dev.cairn.rpc.proto.ChunkCopy;
import dev.cairn.rpc.proto.ChunkLocation;
import dev.cairn.rpc.proto.ChunkPart;
import dev.cairn.rpc.proto.CopyResult;
import dev.cairn.rpc.proto.ServerAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A chunk to be copied, or to be put together of parts of others, and what is known of why it
 * cannot be. For one thread at a time.
 */
final class CopyTask {

  private final long chunkId;
  private final int length;
  private final boolean replaces;
  private final List<ServerAddress> sources;
  private final List<ChunkPart> parts;
  private final Map<Long, List<ServerAddress>> sourcesOfParts;
  private final List<BadSource> badSources = new ArrayList<>(0);
  private String failure = "";
  private boolean needsRoom;

  CopyTask(ChunkCopy chunk, List<ServerAddress> sources) {
    this.chunkId = chunk.getChunkId();
    this.length = (int) chunk.getLength();
    this.replaces = chunk.getReplace();
    this.sources = sources;
    this.parts = List.of();
    this.sourcesOfParts = Map.of();
  }

  /** One to be put together. */
  CopyTask(BuildOrder order) {
    this.chunkId = order.getChunkId();
    this.length = order.getPartsList().stream().mapToInt(ChunkPart::getLength).sum();
    this.replaces = false;
    this.sources = List.of();
    this.parts = order.getPartsList();
    Map<Integer, ServerAddress> servers = new HashMap<>();
    order.getServersList().forEach(server -> servers.put(server.getServerId(), server));
    this.sourcesOfParts = new HashMap<>();
    for (ChunkLocation location : order.getLocationsList()) {
      sourcesOfParts.put(
          location.getChunkId(),
          location.getServerIdsList().stream().map(servers::get).filter(Objects::nonNull).toList());
    }
  }

  /** Whether it is put together rather than copied. */
  boolean isBuilt() {
    return !parts.isEmpty();
  }

  List<ChunkPart> parts() {
    return parts;
  }

  /** Where a chunk that parts are of can be read. */
  List<ServerAddress> serversOf(long chunk) {
    return sourcesOfParts.getOrDefault(chunk, List.of());
  }

  long chunkId() {
    return chunkId;
  }

  /** Bytes to be copied. */
  int length() {
    return length;
  }

  /** Whether the replica that is here is bad, and has to go first. */
  boolean replaces() {
    return replaces;
  }

  List<ServerAddress> sources() {
    return sources;
  }

  /** Whether it can share a request, and a force, with others. */
  boolean isSmall() {
    return length <= Part.MAX_PACKED_BYTES && !isBuilt();
  }

  /** Notes why the copy did not work out. */
  void failed(CairnException why) {
    failure = why.getMessage();
    needsRoom = why.code() == ErrorCode.TOO_BIG;
  }

  /** Whether it did not fit into an answer together with others. */
  boolean needsRoom() {
    return needsRoom;
  }

  /** Notes that a source does not have what it should. */
  void badSource(ServerAddress source, CairnException why) {
    failed(why);
    badSources.add(
        BadSource.newBuilder()
            .setServerId(source.getServerId())
            .setReason(why.getMessage())
            .build());
  }

  CopyResult done() {
    return result().setLength(length).build();
  }

  CopyResult notDone() {
    return result().setFailure(failure.isEmpty() ? "there is no source" : failure).build();
  }

  private CopyResult.Builder result() {
    return CopyResult.newBuilder().setChunkId(chunkId).addAllBadSources(badSources);
  }
}
