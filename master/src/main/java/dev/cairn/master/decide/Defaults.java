package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Inode;
import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.proto.Attributes;

/**
 * The cluster's settings for what has none of its own.
 *
 * @param trashSeconds how long what was deleted is kept; 0: not at all
 */
public record Defaults(int chunkSize, int replicas, int trashSeconds) {

  public Defaults {
    ChunkSize.checked(chunkSize);
    ChunkSize.checkedReplicas(replicas);
  }

  /** What is deleted is not kept. */
  public Defaults(int chunkSize, int replicas) {
    this(chunkSize, replicas, 0);
  }

  /** How long an inode with these attributes is kept once it is deleted. */
  int trashSeconds(Attributes own) {
    return own.hasTrashSeconds() ? own.getTrashSeconds() : trashSeconds;
  }

  /** The attributes with the settings in force. */
  public Attributes inForce(Inode inode) {
    Attributes own = inode.getAttributes();
    if (own.getChunkSize() != 0 && own.getReplicas() != 0) {
      return own;
    }
    return own.toBuilder()
        .setChunkSize(own.getChunkSize() != 0 ? own.getChunkSize() : chunkSize)
        .setReplicas(own.getReplicas() != 0 ? own.getReplicas() : replicas)
        .build();
  }
}
