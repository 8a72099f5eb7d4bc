package dev.cairn.master.store;

import dev.cairn.rpc.backup.Tree;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A copy of the tables as they were at one moment, made by {@link Store#checkpoint}: a directory of
 * files that never change, to be sent to another machine in pieces. The table files are hard links
 * to those of the tables, so that a checkpoint is made in a moment, and takes room only for files
 * that the tables have given up since. Its owner closes it, which removes the directory, and
 * discards at the next start what a killed process has left. Safe for any thread.
 */
public final class Checkpoint implements Closeable {

  private final Path directory;
  private final SortedMap<String, Long> files;

  private Checkpoint(Path directory, SortedMap<String, Long> files) {
    this.directory = directory;
    this.files = files;
  }

  /** The checkpoint that lies in a directory. */
  public static Checkpoint in(Path directory) throws IOException {
    SortedMap<String, Long> files = new TreeMap<>();
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path file : entries.toList()) {
        files.put(file.getFileName().toString(), Files.size(file));
      }
    }
    return new Checkpoint(directory, Collections.unmodifiableSortedMap(files));
  }

  /** Removes what a killed process may have left of a checkpoint; it need not be there. */
  public static void discard(Path directory) throws IOException {
    Tree.remove(directory);
    Tree.remove(directory.resolveSibling(directory.getFileName() + ".tmp"));
  }

  public Path directory() {
    return directory;
  }

  /** The files' names and their sizes in bytes. */
  public SortedMap<String, Long> files() {
    return files;
  }

  /**
   * Reads a piece of a file.
   *
   * @param name one of {@link #files}
   * @param mostBytes how much is read at most
   * @return the bytes from the offset on; fewer than wanted at the end of the file, none behind it
   */
  public byte[] read(String name, long offset, int mostBytes) throws IOException {
    Long size = files.get(name);
    if (size == null || offset < 0) {
      throw new NoSuchFileException("the checkpoint has no file '" + name + "'");
    }
    byte[] piece = new byte[(int) Math.max(0, Math.min(mostBytes, size - offset))];
    ByteBuffer into = ByteBuffer.wrap(piece);
    try (FileChannel file = FileChannel.open(directory.resolve(name), StandardOpenOption.READ)) {
      while (into.hasRemaining()) {
        if (file.read(into, offset + into.position()) < 0) {
          throw new IOException(directory.resolve(name) + " is shorter than it was");
        }
      }
    }
    return piece;
  }

  /** Removes it. */
  @Override
  public void close() throws IOException {
    Tree.remove(directory);
  }
}
