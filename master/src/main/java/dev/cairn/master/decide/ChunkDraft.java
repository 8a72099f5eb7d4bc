package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Chunk;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.rpc.Check;

/** A chunk as one decision changes it. */
final class ChunkDraft {

  private final long id;
  private final boolean created;
  private int references;
  private int length;
  private int replicas;
  private boolean sealed;
  private boolean ragged;

  /** A chunk of which there is a row, or (null) none yet. */
  ChunkDraft(long id, ChunkRow row) {
    this.id = id;
    this.created = row == null;
    if (row != null) {
      references = row.references();
      length = row.length();
      replicas = row.replicas();
      sealed = row.sealed();
      ragged = row.ragged();
    }
  }

  boolean created() {
    return created;
  }

  int length() {
    return length;
  }

  boolean sealed() {
    return sealed;
  }

  void written(int bytes, int wantedReplicas, boolean seal) {
    length = Math.max(length, bytes);
    replicas = wantedReplicas;
    sealed |= seal;
  }

  /** Nothing will be appended to it again, and its servers may have more bytes than its length. */
  void abandoned() {
    sealed = true;
    ragged = true;
  }

  void refer(int change) {
    references += change;
    Check.that(references >= 0, "chunk %d has %d references", id, references);
  }

  /** Nothing refers to it, and nothing will. */
  boolean discarded() {
    return references == 0 && sealed;
  }

  Chunk toProto() {
    return Chunk.newBuilder()
        .setId(id)
        .setReferences(references)
        .setLength(length)
        .setReplicas(replicas)
        .setSealed(sealed)
        .setRagged(ragged)
        .setCreated(created)
        .build();
  }
}
