package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Inode;
import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.proto.Attributes;

/** The cluster's settings for what has none of its own. */
public record Defaults(int chunkSize, int replicas) {

  public Defaults {
    ChunkSize.checked(chunkSize);
    ChunkSize.checkedReplicas(replicas);
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
