package dev.cairn.master.log;

import dev.cairn.master.record.proto.Record;
import dev.cairn.master.store.Overlay;
import java.io.IOException;
import java.util.List;

/** Where decisions become the state for good. */
public interface RecordLog {

  /**
   * Appends the records of a batch. Called by the writer only, which may append more before the
   * first ones are part of the state. After a {@link dev.cairn.master.store.StoreFailedException}
   * nothing was appended, and nothing will be until {@link #recover}.
   *
   * @param effects what the records do to the tables as they will be when all batches before are
   *     part of the state; not changed until the batch is committed
   * @param committed runs when the records are part of the state and outlive this process: within
   *     the call, or later on any thread; batch after batch in their order. Never runs for a batch
   *     that a master appended which lost the leadership: the writer is {@link Writer#depose
   *     deposed} then. Must not block
   */
  void append(List<Record> records, Overlay effects, Runnable committed) throws IOException;

  /**
   * Tries to make a log that failed work again; called by the writer only.
   *
   * @return whether it does
   * @throws IOException if what was appended before is not there any more
   */
  default boolean recover() throws IOException {
    return true;
  }

  /**
   * Whether the disk has room for little more than deletions; called by the writer only, at the
   * start, after a recovery, and then each second until it has more.
   */
  default boolean takesOnlyDeletions() throws IOException {
    return false;
  }

  /** Returns when everything committed before is on disk. For any thread. */
  void force() throws IOException;
}
