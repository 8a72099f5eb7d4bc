package dev.cairn.master.state;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.cairn.master.record.proto.FileLocks;
import dev.cairn.master.record.proto.LockWait;
import dev.cairn.master.record.proto.SessionLock;
import dev.cairn.master.store.Layout;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Table;
import java.util.HashMap;
import java.util.Map;

/** What records do to locks: a file's row, and an entry for every session in it. */
final class LockRows {

  private final Overlay rows;

  LockRows(Overlay rows) {
    this.rows = rows;
  }

  boolean changed(FileLocks locks) {
    byte[] key = Layout.u64(locks.getInode());
    Map<Long, Boolean> before = sessions(rows.get(Table.LOCKS, key));
    Map<Long, Boolean> after = sessions(locks);
    before.forEach(
        (session, waits) -> {
          if (!after.containsKey(session)) {
            rows.delete(Table.LOCKED_FILES, Layout.pair(session, locks.getInode()));
          }
        });
    after.forEach(
        (session, waits) -> {
          if (!waits.equals(before.get(session))) {
            rows.put(
                Table.LOCKED_FILES,
                Layout.pair(session, locks.getInode()),
                new byte[] {(byte) (waits ? 1 : 0)});
          }
        });
    if (after.isEmpty()) {
      rows.delete(Table.LOCKS, key);
    } else {
      rows.put(Table.LOCKS, key, locks.toByteArray());
    }
    return true;
  }

  private static Map<Long, Boolean> sessions(byte[] row) {
    try {
      return row == null ? Map.of() : sessions(FileLocks.parseFrom(row));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a row of locks is not what it should be", e);
    }
  }

  /** The sessions in a row, each with whether it waits. */
  private static Map<Long, Boolean> sessions(FileLocks locks) {
    Map<Long, Boolean> sessions = new HashMap<>();
    for (SessionLock held : locks.getHeldList()) {
      sessions.put(held.getSession(), false);
    }
    for (LockWait wait : locks.getWaitingList()) {
      sessions.put(wait.getWanted().getSession(), true);
    }
    return sessions;
  }
}
