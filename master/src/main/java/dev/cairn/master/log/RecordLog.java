package dev.cairn.master.log;

import dev.cairn.master.record.proto.Record;
import dev.cairn.master.store.Overlay;
import java.io.IOException;
import java.util.List;

/** Where decisions become the state for good. */
public interface RecordLog {

  /**
   * Returns when the records are part of the state and outlive this process. Called by the writer
   * only.
   *
   * @param effects what the records do to the tables as they are now
   */
  void append(List<Record> records, Overlay effects) throws IOException;

  /** Returns when everything appended before is on disk. For any thread. */
  void force() throws IOException;
}
