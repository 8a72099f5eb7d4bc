package dev.cairn.master.store;

import java.io.IOException;
import java.nio.file.Path;

/** Tables that are kept. */
public interface Store extends Tables, AutoCloseable {

  /** What is written now, and stays so while the snapshot is open. */
  Snapshot snapshot();

  /**
   * Writes all changes or none; they outlive the process when this returns.
   *
   * @throws StoreFailedException if none was written, and none will be until {@link #recover}
   */
  void write(Overlay changes) throws IOException;

  /**
   * As {@link #write(Overlay)}, with further changes in the same write, such as a mark of how far a
   * replicated log is applied.
   */
  default void write(Overlay changes, Overlay further) throws IOException {
    throw new UnsupportedOperationException("these tables belong to one master");
  }

  /** Forces to disk everything written before. */
  void force() throws IOException;

  /**
   * Copies the tables as they are at one moment, beside all other work: everything written before
   * is in the copy, and a part of what is written meanwhile may be, each write whole.
   *
   * @param directory is made; its parent must be there, on the filesystem of the tables. A process
   *     that is killed meanwhile leaves {@code directory} or {@code directory.tmp}
   */
  default Checkpoint checkpoint(Path directory) throws IOException {
    throw new UnsupportedOperationException("tables in memory have no files");
  }

  /** Why no change, or nothing but deletions, can be written at present; empty when one can. */
  default String failure() {
    return "";
  }

  /**
   * Tries to make a store that failed take changes again; called by the one writer.
   *
   * @return whether it does
   * @throws IOException if what was written before is not there any more
   */
  default boolean recover() throws IOException {
    return true;
  }

  /**
   * Whether the disk has room for little more than deletions; also looks whether it has more again.
   * Called by the one writer.
   */
  default boolean takesOnlyDeletions() throws IOException {
    return false;
  }

  /** What of the changes written before is gone, in a sentence; empty when nothing is. */
  default String loss() {
    return "";
  }

  /** The loss is part of the state now, and need not be told again. */
  default void lossIsRecorded() throws IOException {}

  /** How many changes were written in all; 0 where nobody counts them. */
  default long sequence() {
    return 0;
  }

  /** When the backup was made that these tables are, in ns since 1970; 0 when they are none. */
  default long backupTaken() {
    return 0;
  }

  /** That the tables are a backup is part of the state now, and need not be told again. */
  default void backupIsRecorded() throws IOException {}

  @Override
  void close();
}
