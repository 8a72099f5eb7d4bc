package dev.cairn.chunkserver.store;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The right to use a data directory, held until it is closed or the process ends. */
final class DirectoryLock implements Closeable {

  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Makes the directory if it is missing, and takes it. */
  static DirectoryLock take(Path directory) throws CairnException {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw ErrorCode.INVALID.because(
          "the data directory " + directory + " cannot be made: " + Disk.reason(e), e);
    }
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() != null) {
        return new DirectoryLock(channel);
      }
    } catch (OverlappingFileLockException e) {
      closeQuietly(channel);
      throw inUse(directory);
    } catch (IOException e) {
      closeQuietly(channel);
      throw ErrorCode.INVALID.because(
          "the data directory " + directory + " cannot be written to: " + Disk.reason(e), e);
    }
    closeQuietly(channel);
    throw inUse(directory);
  }

  private static CairnException inUse(Path directory) {
    return ErrorCode.BUSY.because(
        "the data directory " + directory + " is in use by another chunk server");
  }

  private static void closeQuietly(FileChannel channel) {
    if (channel != null) {
      new DirectoryLock(channel).close();
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The descriptor is gone either way, and the lock with it.
      org.slf4j.LoggerFactory.getLogger(DirectoryLock.class).debug("close failed", e);
    }
  }
}
