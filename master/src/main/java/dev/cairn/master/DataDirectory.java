package dev.cairn.master;

import dev.cairn.master.store.RocksStore;
import dev.cairn.master.store.TableFiles;
import dev.cairn.rpc.DurableFile;
import dev.cairn.rpc.command.CommandRunner;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The directory a master keeps everything in, locked while this is open: a lock file, the tables,
 * and a file that says their format. {@code FORMAT} is written last, when it is on the disk that
 * the cluster was founded: with it the tables must be there, and without it nothing but what a
 * first start leaves that was cut short.
 */
final class DataDirectory implements AutoCloseable {

  static final String FORMAT = "cairn master 1";
  private static final String FORMAT_FILE = "FORMAT";
  private static final String TABLES = "tables";

  /** Of several masters. */
  private static final String RAFT = "raft";

  private static final String NEXT_TABLES = "tables.next";
  private static final String FETCHED_TABLES = "tables.fetched";
  private static final String CHECKPOINTS = "checkpoints";

  /** The files of a first start that was cut short at any moment. */
  private static final Set<String> OF_A_FIRST_START =
      Set.of(
          "lock",
          FORMAT_FILE,
          FORMAT_FILE + DurableFile.FRESH_SUFFIX,
          TABLES,
          RAFT,
          NEXT_TABLES,
          FETCHED_TABLES,
          CHECKPOINTS);

  private final Path root;
  private final FileChannel lockFile;
  private boolean founded;

  private DataDirectory(Path root, FileChannel lockFile, boolean founded) {
    this.root = root;
    this.lockFile = lockFile;
    this.founded = founded;
  }

  /**
   * Makes or takes the directory; refuses one that is in use, is something else, or lacks what was
   * founded in it.
   */
  static DataDirectory open(Path root) throws IOException {
    create(root);
    if (!isFounded(root)) {
      refuseForeign(root);
    }
    FileChannel lockFile = lock(root.resolve("lock"));
    try {
      // Anew: another master may have founded a cluster before it gave up the lock.
      boolean founded = isFounded(root);
      Path tables = root.resolve(TABLES);
      RocksStore.finishReplacement(tables, root.resolve(NEXT_TABLES));
      if (!founded) {
        TableFiles.discardUnused(tables);
      } else if (!TableFiles.exist(tables)) {
        throw lacksTables(root, tables);
      }
      return new DataDirectory(root, lockFile, founded);
    } catch (IOException e) {
      lockFile.close();
      throw e;
    }
  }

  private static void create(Path root) throws IOException {
    try {
      DurableFile.createDirectories(root);
    } catch (FileAlreadyExistsException e) {
      throw new IOException(
          "the data directory " + root + " cannot be made: " + e.getFile() + " is not a directory",
          e);
    } catch (FileSystemException e) {
      throw new IOException(
          "the data directory " + root + " cannot be made: " + CommandRunner.oneLine(e), e);
    }
  }

  private static boolean isFounded(Path root) throws IOException {
    Path format = root.resolve(FORMAT_FILE);
    if (!Files.exists(format)) {
      return false;
    }
    // Zeros and nothing at all are what a power cut leaves of a file that was not synced.
    String found = Files.readString(format, StandardCharsets.ISO_8859_1).replace("\0", "").strip();
    if (!found.isEmpty() && !found.equals(FORMAT)) {
      throw new IOException(
          root + ": has the format '" + found + "', and this program's is '" + FORMAT + "'");
    }
    return !found.isEmpty();
  }

  private static IOException lacksTables(Path root, Path tables) {
    return new IOException(
        "%s: a cluster was founded here (%s says so), but its tables are not in %s. Bring them back from a backup, or mount the disk they are on. To found a new cluster, give --data another directory."
            .formatted(root, FORMAT_FILE, tables));
  }

  private static void refuseForeign(Path root) throws IOException {
    try (Stream<Path> entries = Files.list(root)) {
      if (entries.anyMatch(entry -> !OF_A_FIRST_START.contains(entry.getFileName().toString()))) {
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
    return root.resolve(TABLES);
  }

  /** What a master keeps that is one of several. */
  Path raft() {
    return root.resolve(RAFT);
  }

  /**
   * Refuses to be the directory of one master alone when it is that of one of several, which may go
   * on without it.
   */
  void requireAlone() throws IOException {
    if (Files.exists(raft())) {
      throw new IOException(
          "%s: is the directory of one of several masters: start it with --peers. Only if the others are lost for good, remove %s and start it without"
              .formatted(root, raft()));
    }
  }

  /** Whole tables that are to take the place of those that are there. */
  Path nextTables() {
    return root.resolve(NEXT_TABLES);
  }

  /** Tables that are being fetched. */
  Path fetchedTables() {
    return root.resolve(FETCHED_TABLES);
  }

  /** Copies of the tables that other masters fetch. */
  Path checkpoints() {
    return root.resolve(CHECKPOINTS);
  }

  /**
   * Compares the directory with the tables in it, and says in it that there is a cluster.
   *
   * @param clusterId the cluster of the tables; empty when they have none
   */
  void holds(String clusterId) throws IOException {
    if (founded && clusterId.isEmpty()) {
      throw lacksTables(root, tables());
    }
    if (!founded && !clusterId.isEmpty()) {
      DurableFile.write(root.resolve(FORMAT_FILE), FORMAT + "\n");
      founded = true;
    }
  }

  @Override
  public void close() throws IOException {
    lockFile.close();
  }
}
