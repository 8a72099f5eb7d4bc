package dev.cairn.master.store;

import java.io.IOException;

/** Tables that are kept. */
public interface Store extends Tables, AutoCloseable {

  /** What is written now, and stays so while the snapshot is open. */
  Snapshot snapshot();

  /** Writes all changes or none; they outlive the process when this returns. */
  void write(Overlay changes) throws IOException;

  /** Forces to disk everything written before. */
  void force() throws IOException;

  @Override
  void close();
}
