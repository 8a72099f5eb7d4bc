package dev.cairn.client.local;

import dev.cairn.client.path.Names;
import dev.cairn.rpc.Check;
import dev.cairn.rpc.error.ErrorCode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.function.Consumer;

/** Where the things of a local cluster are. */
public record ClusterDirectory(Path root) {

  private static final int LONGEST_SHOWN = 200;

  public ClusterDirectory {
    root = root.toAbsolutePath().normalize();
  }

  Path settings() {
    return root.resolve("cluster.conf");
  }

  Path httpPorts() {
    return root.resolve("http.conf");
  }

  Path data(String daemon) {
    return root.resolve(daemon);
  }

  Path pidFile(String daemon) {
    return root.resolve("run").resolve(daemon + ".pid");
  }

  Path readyFile(String daemon) {
    return root.resolve("run").resolve(daemon + ".ready");
  }

  Path log(String daemon) {
    return root.resolve("log").resolve(daemon + ".log");
  }

  public Path usualMountPoint() {
    return root.resolve("mnt");
  }

  /** Makes what is missing, or says why this cannot be a cluster's directory. */
  public void make() throws IOException {
    if (root.toString().contains(",")
        || root.toString().chars().anyMatch(Character::isISOControl)) {
      throw ErrorCode.INVALID.because(
          shown()
              + " cannot be a cluster's directory: its path has a comma or a control character;"
              + " choose another with --dir");
    }
    try {
      Files.createDirectories(root);
      Files.createDirectories(root.resolve("run"));
      Files.createDirectories(root.resolve("log"));
    } catch (IOException e) {
      throw ErrorCode.INVALID.because(
          shown()
              + " cannot be a cluster's directory: "
              + reason(e)
              + "; choose another with --dir",
          e);
    }
    if (!Files.isWritable(root) || !Files.isWritable(root.resolve("run"))) {
      throw ErrorCode.ACCESS_DENIED.because(
          shown() + " cannot be written to by this user: choose another with --dir");
    }
  }

  private String shown() {
    String path = Names.printable(root.toString());
    return path.length() <= LONGEST_SHOWN ? path : path.substring(0, LONGEST_SHOWN) + "...";
  }

  private String reason(IOException e) {
    if (e instanceof FileAlreadyExistsException file) {
      return file.getFile() + " is not a directory";
    }
    if (e instanceof AccessDeniedException) {
      return "this user may not make it there";
    }
    if (e instanceof NoSuchFileException) {
      return "it cannot be made there";
    }
    String why = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
    return why == null ? "it cannot be made there" : why.toLowerCase(Locale.ROOT);
  }

  /** Keeps others from starting or stopping the cluster, until it is closed or the process ends. */
  public record Lock(FileChannel channel, FileLock lock) implements Closeable {

    void checkHeld() {
      Check.that(lock.isValid(), "the lock of %s is lost", channel);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /**
   * The lock, after whoever has it is done.
   *
   * @param saying is told in a sentence that it is waited for
   */
  public Lock lock(Consumer<String> saying) throws IOException {
    Lock lock = tryLock();
    if (lock == null) {
      saying.accept(
          "another 'cairn up' or 'cairn down' is at work in " + root + ": waiting for it");
    }
    while (lock == null) {
      PendingStarts.pause();
      lock = tryLock();
    }
    return lock;
  }

  /** The lock; null while another process has it. */
  private Lock tryLock() throws IOException {
    FileChannel channel =
        FileChannel.open(
            root.resolve("run").resolve("lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      throw new IOException("this process is at work in " + root, e);
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    return lock == null ? null : new Lock(channel, lock);
  }
}
