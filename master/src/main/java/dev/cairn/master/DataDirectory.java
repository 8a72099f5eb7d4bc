package dev.cairn.master;

import dev.cairn.rpc.DurableFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The directory a master keeps everything in, locked while this is open: a file that says its
 * format, a lock file, and the tables.
 */
final class DataDirectory implements AutoCloseable {

  private static final String FORMAT = "cairn master 1";

  /** What a master that was killed while it made the directory may have left. */
  private static final Set<String> OURS = Set.of("lock", "FORMAT.new");

  private final Path root;
  private final FileChannel lockFile;

  private DataDirectory(Path root, FileChannel lockFile) {
    this.root = root;
    this.lockFile = lockFile;
  }

  /** Makes or takes the directory; refuses one that is in use, or is something else. */
  static DataDirectory open(Path root) throws IOException {
    DurableFile.createDirectories(root);
    Path format = root.resolve("FORMAT");
    if (Files.exists(format)) {
      String found = Files.readString(format).strip();
      if (!found.equals(FORMAT)) {
        throw new IOException(
            root + ": has the format '" + found + "', and this program's is '" + FORMAT + "'");
      }
    } else {
      refuseUnlessEmpty(root);
    }
    FileChannel lockFile = lock(root.resolve("lock"));
    if (!Files.exists(format)) {
      DurableFile.write(format, FORMAT + "\n");
    }
    return new DataDirectory(root, lockFile);
  }

  private static void refuseUnlessEmpty(Path root) throws IOException {
    try (Stream<Path> entries = Files.list(root)) {
      if (entries.anyMatch(entry -> !OURS.contains(entry.getFileName().toString()))) {
        throw new IOException(root + ": is not empty, and not a master's data directory");
      }
    }
  }

  private static FileChannel lock(Path path) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = file.tryLock();
    } catch (OverlappingFileLockException e) {
      // Locked by this process: in use as well.
      lock = null;
    }
    if (lock == null) {
      file.close();
      throw new IOException(path.getParent() + ": is in use by another master");
    }
    return file;
  }

  Path tables() {
    return root.resolve("tables");
  }

  @Override
  public void close() throws IOException {
    lockFile.close();
  }
}
