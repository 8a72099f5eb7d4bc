package dev.cairn.master.store;

import dev.cairn.rpc.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A file among tables that are a copy, which says when the copy was made. It is part of each
 * backup, so that tables which were put in place by hand are known for what they are as well. It
 * goes when the state says that it is of a backup.
 */
public final class BackupMark {

  private static final String NAME = "BACKUP";

  private BackupMark() {}

  /** Marks tables as a copy made at that time, in nanoseconds since 1970. */
  public static void write(Path tables, long taken) throws IOException {
    DurableFile.write(tables.resolve(NAME), taken + "\n");
  }

  /** When the copy was made; 0 when the tables are none. */
  static long read(Path tables) throws IOException {
    Path file = tables.resolve(NAME);
    try {
      return Long.parseLong(Files.readString(file).strip());
    } catch (NoSuchFileException e) {
      return 0;
    } catch (NumberFormatException e) {
      throw new IOException(
          file + " is damaged: it does not say when the backup was made. Restore it again.", e);
    }
  }

  static void remove(Path tables) throws IOException {
    Files.deleteIfExists(tables.resolve(NAME));
    DurableFile.syncDirectory(tables);
  }
}
