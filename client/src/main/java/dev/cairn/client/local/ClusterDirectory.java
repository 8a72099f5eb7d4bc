package dev.cairn.client.local;

import dev.cairn.rpc.Check;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where the things of a local cluster are. */
public record ClusterDirectory(Path root) {

  public ClusterDirectory {
    root = root.toAbsolutePath().normalize();
  }

  Path settings() {
    return root.resolve("cluster.conf");
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

  void make() throws IOException {
    Files.createDirectories(root.resolve("run"));
    Files.createDirectories(root.resolve("log"));
  }

  /** Keeps others from starting or stopping the cluster, until it is closed or the process ends. */
  record Lock(FileChannel channel, FileLock lock) implements Closeable {

    void checkHeld() {
      Check.that(lock.isValid(), "the lock of %s is lost", channel);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  Lock lock() throws IOException {
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
    if (lock == null) {
      throw new IOException("another 'cairn up' or 'cairn down' is at work in " + root);
    }
    return new Lock(channel, lock);
  }
}
