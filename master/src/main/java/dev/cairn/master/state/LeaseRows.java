package dev.cairn.master.state;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.cairn.master.record.proto.Lease;
import dev.cairn.master.store.Layout;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Table;

/** What records do to leases: a file's row, and an entry for its session if it is one's. */
final class LeaseRows {

  private static final byte[] NOTHING = new byte[0];

  private final Overlay rows;
  private final Counters counters;

  LeaseRows(Overlay rows, Counters counters) {
    this.rows = rows;
    this.counters = counters;
  }

  boolean taken(Lease lease) {
    counters.raise(Meta.NEXT_LEASE, lease.getId() + 1);
    rows.put(Table.LEASES, Layout.u64(lease.getInode()), lease.toByteArray());
    if (lease.getSession() != 0) {
      rows.put(Table.LEASED_FILES, Layout.pair(lease.getSession(), lease.getInode()), NOTHING);
    }
    return true;
  }

  boolean ended(long inode) {
    byte[] key = Layout.u64(inode);
    long session = session(rows.get(Table.LEASES, key));
    rows.delete(Table.LEASES, key);
    if (session != 0) {
      rows.delete(Table.LEASED_FILES, Layout.pair(session, inode));
    }
    return true;
  }

  private static long session(byte[] row) {
    try {
      return Lease.parseFrom(row).getSession();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a row of leases is not what it should be", e);
    }
  }
}
