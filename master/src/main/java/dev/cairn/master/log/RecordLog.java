package dev.cairn.master.log;

import dev.cairn.master.record.proto.Record;
import dev.cairn.master.store.Overlay;
import java.io.IOException;
import java.util.List;

/** Where decisions become the state for good. */
public interface RecordLog {

  /**
   * Returns when the records are part of the state and outlive this process. Called by the writer
   * only. After a {@link dev.cairn.master.store.StoreFailedException} nothing was appended, and
   * nothing will be until {@link #recover}.
   *
   * @param effects what the records do to the tables as they are now
   */
  void append(List<Record> records, Overlay effects) throws IOException;

  /**
   * Tries to make a log that failed work again; called by the writer only.
   *
   * @return whether it does
   * @throws IOException if what was appended before is not there any more
   */
  default boolean recover() throws IOException {
    return true;
  }

  /** Returns when everything appended before is on disk. For any thread. */
  void force() throws IOException;
}
