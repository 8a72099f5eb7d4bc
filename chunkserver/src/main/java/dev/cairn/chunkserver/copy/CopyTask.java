package dev.cairn.chunkserver.copy;

import dev.cairn.chunkserver.store.Part;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.BadSource;
import dev.cairn.rpc.proto.ChunkCopy;
import dev.cairn.rpc.proto.CopyResult;
import dev.cairn.rpc.proto.ServerAddress;
import java.util.ArrayList;
import java.util.List;

/** A chunk to be copied, and what is known of why it cannot be. For one thread at a time. */
final class CopyTask {

  private final long chunkId;
  private final int length;
  private final boolean replaces;
  private final List<ServerAddress> sources;
  private final List<BadSource> badSources = new ArrayList<>(0);
  private String failure = "";
  private boolean needsRoom;

  CopyTask(ChunkCopy chunk, List<ServerAddress> sources) {
    this.chunkId = chunk.getChunkId();
    this.length = (int) chunk.getLength();
    this.replaces = chunk.getReplace();
    this.sources = sources;
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
    return length <= Part.MAX_PACKED_BYTES;
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
