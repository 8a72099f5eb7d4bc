package dev.cairn.master.log;

import dev.cairn.master.record.proto.Chunk;
import dev.cairn.master.record.proto.Record;
import java.util.List;

/**
 * Tells commands that need room on the master's disk from those that are accepted when it is full:
 * deletions of every kind, and what sessions, locks and chunk servers need to go on.
 */
final class Growth {

  private Growth() {}

  /** Whether a command with these records has to wait for room. */
  static boolean isIn(List<Record> records) {
    int balance = 0;
    boolean changesInode = false;
    boolean doesMore = false;
    for (Record record : records) {
      balance += names(record);
      if (adds(record)) {
        return true;
      }
      changesInode |= record.hasInodeChanged();
      doesMore |=
          !record.hasInodeChanged() && !record.hasReplyStored() && !record.hasRepliesForgotten();
    }
    return balance > 0 || (changesInode && !doesMore);
  }

  /** A rename writes one name and removes one. */
  private static int names(Record record) {
    return switch (record.getKindCase()) {
      case DENTRY_WRITTEN -> 1;
      case DENTRY_REMOVED -> -1;
      default -> 0;
    };
  }

  private static boolean adds(Record record) {
    return switch (record.getKindCase()) {
      case INODE_CREATED, XATTR_WRITTEN, GRANT_WRITTEN, LEASE_TAKEN, CHUNK_ID_TAKEN -> true;
      case CHUNKS_WRITTEN ->
          record.getChunksWritten().getChunksList().stream().anyMatch(Chunk::getCreated);
      case EXTENTS_CHANGED ->
          record.getExtentsChanged().getWrittenCount()
              > record.getExtentsChanged().getRemovedEndsCount();
      default -> false;
    };
  }
}
