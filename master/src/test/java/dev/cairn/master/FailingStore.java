package dev.cairn.master;

import dev.cairn.master.store.Cursor;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Snapshot;
import dev.cairn.master.store.Store;
import dev.cairn.master.store.StoreFailedException;
import dev.cairn.master.store.Table;
import java.io.IOException;

/** A store whose disk takes nothing while it is told so, and which has to recover then. */
final class FailingStore implements Store {

  /** What the disk does. */
  enum Disk {
    WORKS,
    FULL,
    FAILS_TO_SYNC
  }

  private final Store store;
  private volatile Disk disk = Disk.WORKS;
  private volatile StoreFailedException failure;

  FailingStore(Store store) {
    this.store = store;
  }

  void become(Disk what) {
    disk = what;
  }

  private void fail() throws StoreFailedException {
    failure = new StoreFailedException("the disk is " + disk, disk == Disk.FULL, null);
    throw failure;
  }

  @Override
  public byte[] get(Table table, byte[] key) {
    return store.get(table, key);
  }

  @Override
  public Cursor cursor(Table table, byte[] prefix) {
    return store.cursor(table, prefix);
  }

  @Override
  public Snapshot snapshot() {
    return store.snapshot();
  }

  @Override
  public void write(Overlay changes) throws IOException {
    if (failure != null || disk == Disk.FULL) {
      fail();
    }
    store.write(changes);
  }

  @Override
  public void force() throws IOException {
    if (failure != null || disk != Disk.WORKS) {
      fail();
    }
    store.force();
  }

  @Override
  public String failure() {
    StoreFailedException why = failure;
    return why == null ? "" : why.getMessage();
  }

  @Override
  public boolean recover() {
    if (disk != Disk.WORKS) {
      return false;
    }
    failure = null;
    return true;
  }

  @Override
  public void close() {
    store.close();
  }
}
