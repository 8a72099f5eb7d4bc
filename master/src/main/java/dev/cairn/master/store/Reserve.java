package dev.cairn.master.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Room on the disk of the tables, held by a file of random bytes. It is given up when the disk is
 * full, so that the tables can be opened again and files can be deleted. An empty file says, over a
 * restart too, that it was given up. It is held again when there is room for it twice. For one
 * thread, but for {@link #isGivenUp}.
 */
final class Reserve {

  private static final Logger LOG = LoggerFactory.getLogger(Reserve.class);
  private static final String FILE = "reserve";
  private static final int BLOCK_BYTES = 1 << 20;

  private final Path file;
  private final long bytes;
  private volatile boolean givenUp;

  private Reserve(Path file, long bytes) {
    this.file = file;
    this.bytes = bytes;
  }

  /**
   * The reserve of a directory as it was left, or one that is yet to be held.
   *
   * @param bytes 0: nothing is held, and nothing ever given up
   */
  static Reserve in(Path directory, long bytes) throws IOException {
    Path file = directory.resolve(FILE);
    Reserve reserve = new Reserve(file, bytes);
    if (bytes == 0) {
      Files.deleteIfExists(file);
    } else if (Files.exists(file)) {
      reserve.givenUp = Files.size(file) == 0;
    }
    return reserve;
  }

  /** Whether the disk was full, and has not had room for the reserve since. */
  boolean isGivenUp() {
    return givenUp;
  }

  /** Gives the room back to the disk, if it is held. */
  void giveUp() throws IOException {
    if (bytes > 0 && Files.exists(file)) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
      givenUp = true;
    }
  }

  /**
   * Holds the room if the disk has enough of it. Where there was never room for it, the master
   * works without.
   */
  void hold() throws IOException {
    if (bytes == 0 || (Files.exists(file) && Files.size(file) == bytes)) {
      givenUp = false;
      return;
    }
    Path directory = file.getParent();
    // Not by way of a FileStore, which wants to find the mount point.
    if (directory.toFile().getUsableSpace() >= 2 * bytes) {
      try {
        fill();
        givenUp = false;
      } catch (IOException e) {
        LOG.debug("the disk has no room for the reserve", e);
        if (givenUp) {
          giveUp();
        } else {
          Files.deleteIfExists(file);
        }
      }
    } else if (!givenUp) {
      LOG.warn(
          "{}: the disk has no room for the reserve of {} MiB, which deletions need when it is full",
          directory,
          bytes >> 20);
    }
  }

  private void fill() throws IOException {
    byte[] block = new byte[BLOCK_BYTES];
    SplittableRandom random = new SplittableRandom();
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (long left = bytes; left > 0; left -= BLOCK_BYTES) {
        // Bytes that no filesystem can store in less room.
        random.nextBytes(block);
        ByteBuffer buffer = ByteBuffer.wrap(block, 0, (int) Math.min(left, BLOCK_BYTES));
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
    }
  }
}
