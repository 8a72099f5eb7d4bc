package dev.cairn.master.log;

import dev.cairn.master.record.proto.Record;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Store;
import java.io.IOException;
import java.util.List;

/** A log of one master: the store's own log holds the effects, and that is all it needs. */
public final class StoreLog implements RecordLog {

  private final Store store;

  public StoreLog(Store store) {
    this.store = store;
  }

  @Override
  public void append(List<Record> records, Overlay effects, Runnable committed) throws IOException {
    store.write(effects);
    committed.run();
  }

  /** Returns when the effects are part of the state: for what happens before there is a writer. */
  public void append(Overlay effects) throws IOException {
    store.write(effects);
  }

  @Override
  public boolean recover() throws IOException {
    return store.recover();
  }

  @Override
  public boolean takesOnlyDeletions() throws IOException {
    return store.takesOnlyDeletions();
  }

  @Override
  public void force() throws IOException {
    store.force();
  }
}
