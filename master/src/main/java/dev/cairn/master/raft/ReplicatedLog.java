package dev.cairn.master.raft;

import dev.cairn.master.log.RecordLog;
import dev.cairn.master.record.proto.LogBatch;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.store.Overlay;
import java.io.IOException;
import java.util.List;

/**
 * The log as the leader of one term appends to it. A batch is committed when a majority of the
 * members has it on its disk, and this one in its tables; so nothing is left to force.
 */
final class ReplicatedLog implements RecordLog {

  /** Appends an entry to the log of Ratis, in the order of the calls. */
  interface Appending {
    void append(ReplicatedState.Ready batch) throws IOException;
  }

  private final long term;
  private final Appending appending;

  /** For the writer's thread. */
  private long number;

  ReplicatedLog(long term, Appending appending) {
    this.term = term;
    this.appending = appending;
  }

  @Override
  public void append(List<Record> records, Overlay effects, Runnable committed) throws IOException {
    number++;
    LogBatch batch =
        LogBatch.newBuilder().setTerm(term).setNumber(number).addAllRecords(records).build();
    appending.append(new ReplicatedState.Ready(batch, effects, committed));
  }

  @Override
  public void force() {
    // What is committed is on the disks of a majority.
  }
}
