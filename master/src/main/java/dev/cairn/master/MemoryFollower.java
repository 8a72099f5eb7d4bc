package dev.cairn.master;

import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.ReplicasWritten;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.session.LiveGrants;
import dev.cairn.master.session.LiveLeases;
import dev.cairn.master.session.LiveLocks;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.session.LockWaits;
import dev.cairn.master.time.Time;
import dev.cairn.master.upkeep.Orphans;
import java.util.function.Consumer;

/** Keeps what is known in memory in step with the records that became part of the state. */
final class MemoryFollower implements Consumer<Record> {

  private final LiveSessions sessions;
  private final Orphans orphans;
  private final Fleet fleet;
  private final ReplicaMap replicas;
  private final LiveLocks locks;
  private final LiveGrants grants;
  private final LockWaits lockWaits;
  private final LiveLeases leases;
  private final Time time;
  private final Runnable sessionEnded;

  MemoryFollower(Memory memory, Time time, Runnable sessionEnded) {
    this.sessions = memory.sessions();
    this.orphans = memory.orphans();
    this.fleet = memory.fleet();
    this.replicas = memory.replicas();
    this.locks = memory.locks();
    this.grants = memory.grants();
    this.lockWaits = memory.lockWaits();
    this.leases = memory.leases();
    this.time = time;
    this.sessionEnded = sessionEnded;
  }

  @Override
  public void accept(Record record) {
    switch (record.getKindCase()) {
      case SESSION_OPENED -> sessions.opened(record.getSessionOpened(), time.ticks());
      case SESSION_ENDED -> {
        sessions.ended(record.getSessionEnded());
        sessionEnded.run();
      }
      case ORPHAN_ADDED -> orphans.added(record.getOrphanAdded());
      case CHUNKS_WRITTEN -> record.getChunksWritten().getChunksList().forEach(replicas::written);
      case CHUNK_SEALED -> replicas.written(record.getChunkSealed());
      case REPLICAS_WRITTEN -> written(record.getReplicasWritten());
      case CHUNKS_DISCARDED ->
          record.getChunksDiscarded().getIdsList().forEach(replicas::discarded);
      case GARBAGE_DELETED -> record.getGarbageDeleted().getIdsList().forEach(replicas::deleted);
      case BAD_REPLICA_MARKED -> replicas.marked(record.getBadReplicaMarked());
      case BAD_REPLICA_FORGOTTEN -> replicas.unmarked(record.getBadReplicaForgotten());
      case SERVER_CHANGED -> fleet.changed(record.getServerChanged());
      case SERVER_FORGOTTEN -> {
        fleet.forgotten(record.getServerForgotten());
        replicas.serverForgotten(record.getServerForgotten());
      }
      case FILE_LOCKS_CHANGED -> {
        locks.changed(record.getFileLocksChanged());
        lockWaits.changed(record.getFileLocksChanged());
      }
      case GRANT_WRITTEN -> grants.written(record.getGrantWritten());
      case GRANT_REMOVED -> grants.removed(record.getGrantRemoved());
      case LEASE_TAKEN -> leases.taken(record.getLeaseTaken(), time.ticks());
      case LEASE_ENDED -> leases.ended(record.getLeaseEnded());
      default -> {}
    }
  }

  private void written(ReplicasWritten written) {
    replicas.committed(written.getChunk(), written.getServersList(), written.getGrown());
  }
}
