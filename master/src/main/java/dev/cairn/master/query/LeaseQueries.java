package dev.cairn.master.query;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.Lease;
import dev.cairn.master.session.LiveLeases;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Snapshot;
import dev.cairn.master.store.Store;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.proto.LeaseStatus;
import dev.cairn.rpc.proto.ListLeasesReply;
import dev.cairn.rpc.proto.ListLeasesRequest;
import java.time.Duration;

/** Who has leases, and for how long. */
public final class LeaseQueries {

  private static final int MOST_LOOKED_AT = 1000;

  private final Store store;
  private final LiveLeases leases;
  private final Time time;

  public LeaseQueries(Store store, LiveLeases leases, Time time) {
    this.store = store;
    this.leases = leases;
    this.time = time;
  }

  /** The lease of a file as an extended attribute shows it; null when there is none. */
  ByteString shown(MetadataView view, long inode) {
    Lease lease = view.lease(inode);
    return lease == null
        ? null
        : ByteString.copyFromUtf8(lease.getHolder() + ", " + left(lease).toSeconds() + " s left");
  }

  private Duration left(Lease lease) {
    return leases.left(lease.getInode(), time.ticks());
  }

  public ListLeasesReply list(ListLeasesRequest request) {
    try (Snapshot snapshot = store.snapshot()) {
      MetadataView view = new MetadataView(snapshot);
      Paths paths = new Paths(view);
      long below = request.getBelowInode();
      ListLeasesReply.Builder reply = ListLeasesReply.newBuilder().setEnd(true);
      int[] seen = {0};
      view.leasesFrom(
          request.getAfterInode() + 1,
          lease -> {
            if (below == 0 || paths.leadsThrough(lease.getParent(), below)) {
              reply.addLeases(status(lease, path(view, paths, lease, below)));
            }
            boolean more = ++seen[0] < MOST_LOOKED_AT;
            reply.setNextInode(lease.getInode()).setEnd(more);
            return more;
          });
      return reply.build();
    }
  }

  private LeaseStatus status(Lease lease, ByteString path) {
    return LeaseStatus.newBuilder()
        .setInode(lease.getInode())
        .setPath(path)
        .setHolder(lease.getHolder())
        .setSessionId(lease.getSession())
        .setTermMillis(lease.getTermMillis())
        .setLeftMillis(left(lease).toMillis())
        .build();
  }

  private static ByteString path(MetadataView view, Paths paths, Lease lease, long below) {
    Dentry dentry = view.dentry(lease.getParent(), lease.getName());
    if (dentry == null || dentry.getInode() != lease.getInode()) {
      return ByteString.EMPTY;
    }
    ByteString whole = paths.of(lease.getParent(), lease.getName());
    return below == 0 ? whole : whole.substring(paths.of(below).size() + 1);
  }
}
