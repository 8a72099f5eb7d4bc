package dev.cairn.master.raft;

import dev.cairn.master.record.proto.LogBatch;
import dev.cairn.master.store.Layout;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Table;
import dev.cairn.master.store.Tables;
import java.nio.ByteBuffer;

/**
 * How far the log of several masters is in the tables. It is written with the effects of each
 * entry, so that after a crash exactly the missing entries are applied.
 *
 * @param term of the last entry that is in the tables
 * @param index of the last entry that is in the tables; -1 when none is
 * @param batchTerm the term of the last batch that took effect
 * @param batch the number of the last batch that took effect in that term
 */
record Applied(long term, long index, long batchTerm, long batch) {

  static final Applied NOTHING = new Applied(0, -1, 0, 0);

  static Applied in(Tables tables) {
    byte[] row = tables.get(Table.META, Meta.APPLIED.key());
    return row == null
        ? NOTHING
        : new Applied(
            Layout.u64At(row, 0),
            Layout.u64At(row, Long.BYTES),
            Layout.u64At(row, 2 * Long.BYTES),
            Layout.u64At(row, 3 * Long.BYTES));
  }

  void put(Overlay rows) {
    byte[] row =
        ByteBuffer.allocate(4 * Long.BYTES)
            .putLong(term)
            .putLong(index)
            .putLong(batchTerm)
            .putLong(batch)
            .array();
    rows.put(Table.META, Meta.APPLIED.key(), row);
  }

  /** Whether the batch of an entry was decided on exactly the state that is in the tables. */
  boolean isFollowedBy(LogBatch next, long entryTerm) {
    long expected = next.getTerm() == batchTerm ? batch + 1 : 1;
    return next.getTerm() == entryTerm && next.getNumber() == expected;
  }

  Applied after(long entryTerm, long entryIndex) {
    return new Applied(entryTerm, entryIndex, batchTerm, batch);
  }

  Applied after(LogBatch taken, long entryIndex) {
    return new Applied(taken.getTerm(), entryIndex, taken.getTerm(), taken.getNumber());
  }
}
