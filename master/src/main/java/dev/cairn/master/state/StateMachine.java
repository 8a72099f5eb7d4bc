package dev.cairn.master.state;

import dev.cairn.master.record.proto.MasterStarted;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Table;
import dev.cairn.rpc.Check;
import java.nio.charset.StandardCharsets;

/**
 * Turns records into rows: the only writer of the state. For one thread. A record that does not fit
 * is a bug, and throws.
 */
public final class StateMachine {

  private final Overlay rows;
  private final Counters counters;
  private final NamespaceRows namespace;
  private final ContentRows content;
  private final SessionRows sessions;
  private final FleetRows fleet;
  private final LockRows locks;
  private final LeaseRows leases;

  /** Records are applied to the changes, over whatever these lie on. */
  public StateMachine(Overlay rows) {
    this(rows, new ReplyWindows());
  }

  /** Records are applied to the changes, and the reply windows follow them. */
  public StateMachine(Overlay rows, ReplyWindows windows) {
    this.rows = rows;
    this.counters = new Counters(rows);
    this.namespace = new NamespaceRows(rows, counters);
    this.content = new ContentRows(rows, counters);
    this.sessions = new SessionRows(rows, counters, windows);
    this.fleet = new FleetRows(rows, counters);
    this.locks = new LockRows(rows);
    this.leases = new LeaseRows(rows, counters);
  }

  public void apply(Record record) {
    boolean applied =
        switch (record.getKindCase()) {
          case CLUSTER_FOUNDED -> founded(record.getClusterFounded().getClusterId());
          case INODE_CREATED -> namespace.created(record.getInodeCreated());
          case INODE_CHANGED -> namespace.changed(record.getInodeChanged());
          case INODE_DELETED -> namespace.deleted(record.getInodeDeleted());
          case DENTRY_WRITTEN -> namespace.written(record.getDentryWritten());
          case DENTRY_REMOVED -> namespace.removed(record.getDentryRemoved());
          case XATTR_WRITTEN -> namespace.written(record.getXattrWritten());
          case XATTR_REMOVED -> namespace.removed(record.getXattrRemoved());
          case ORPHAN_ADDED -> namespace.orphaned(record.getOrphanAdded());
          case ORPHAN_REMOVED -> namespace.orphanGone(record.getOrphanRemoved());
          case EXTENTS_CHANGED -> content.changed(record.getExtentsChanged());
          case CHUNKS_WRITTEN -> content.written(record.getChunksWritten());
          case CHUNK_SEALED -> content.sealed(record.getChunkSealed());
          case CHUNKS_DISCARDED -> content.discarded(record.getChunksDiscarded());
          case GARBAGE_DELETED -> content.deleted(record.getGarbageDeleted());
          case SESSION_OPENED -> sessions.opened(record.getSessionOpened());
          case SESSION_ENDED -> sessions.ended(record.getSessionEnded());
          case REPLY_STORED -> sessions.stored(record.getReplyStored());
          case REPLIES_FORGOTTEN -> sessions.forgotten(record.getRepliesForgotten());
          case GRANT_WRITTEN -> sessions.granted(record.getGrantWritten());
          case GRANT_REMOVED -> sessions.removed(record.getGrantRemoved());
          case SERVER_REGISTERED -> fleet.registered(record.getServerRegistered());
          case SERVER_CHANGED -> fleet.changed(record.getServerChanged());
          case SERVER_FORGOTTEN -> fleet.forgotten(record.getServerForgotten());
          case BAD_REPLICA_MARKED -> fleet.marked(record.getBadReplicaMarked());
          case BAD_REPLICA_FORGOTTEN -> fleet.forgotten(record.getBadReplicaForgotten());
          case FILE_LOCKS_CHANGED -> locks.changed(record.getFileLocksChanged());
          case LEASE_TAKEN -> leases.taken(record.getLeaseTaken());
          case LEASE_ENDED -> leases.ended(record.getLeaseEnded());
          case MASTER_STARTED -> started(record.getMasterStarted());
          case MASTER_STOPPED -> counters.set(Meta.STOPPED, 1);
          case DELETIONS_HELD -> deletionsHeld(record.getDeletionsHeld().getReason());
          case CHUNK_ID_TAKEN -> content.idTaken(record.getChunkIdTaken());
          case INODE_TRASHED -> namespace.trashed(record.getInodeTrashed());
          case TRASH_REMOVED -> namespace.trashGone(record.getTrashRemoved());
          case REPLICAS_WRITTEN -> true;
          case KIND_NOT_SET -> false;
        };
    Check.that(applied, "a record of no kind that is known here");
  }

  private boolean started(MasterStarted start) {
    counters.raise(Meta.NEXT_INODE, start.getNextInode());
    counters.raise(Meta.NEXT_CHUNK, start.getNextChunk());
    counters.raise(Meta.NEXT_SESSION, start.getNextSession());
    counters.raise(Meta.NEXT_LEASE, start.getNextLease());
    counters.raise(Meta.NEXT_SERVER, start.getNextServer());
    counters.raise(Meta.EXTENDED_FROM, start.getExtendedFrom());
    return counters.set(Meta.STOPPED, 0);
  }

  private boolean deletionsHeld(String reason) {
    if (reason.isEmpty()) {
      rows.delete(Table.META, Meta.DELETIONS_HELD.key());
      return true;
    }
    rows.put(Table.META, Meta.DELETIONS_HELD.key(), reason.getBytes(StandardCharsets.UTF_8));
    // The start that was lost may be that of the master that gave ids out since.
    return counters.set(Meta.STOPPED, 0);
  }

  private boolean founded(String clusterId) {
    rows.put(Table.META, Meta.CLUSTER_ID.key(), clusterId.getBytes(StandardCharsets.UTF_8));
    return counters.set(Meta.STOPPED, 1);
  }
}
