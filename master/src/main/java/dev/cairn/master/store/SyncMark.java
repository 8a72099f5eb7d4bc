package dev.cairn.master.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A file that says how far the log was synced when this machine last said so: only with it can a
 * torn end of the log be told from a damaged one. It is written after each sync and not synced
 * itself, so that a power cut may leave an older one: it promises too little then, never too much.
 * One sector, written in place. For one thread at a time.
 */
final class SyncMark implements Closeable {

  /**
   * What the file said.
   *
   * @param sequence the last change that was synced; 0 when nothing is known
   * @param otherBoot whether the machine was started again since, as far as that is known
   */
  record Said(long sequence, boolean otherBoot) {

    static final Said NOTHING = new Said(0, false);
  }

  static final String NAME = "synced";
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id"); // random(4)
  private static final int BYTES = 3 * Long.BYTES;

  private final FileChannel file;
  private final long boot = boot();
  private final ByteBuffer content = ByteBuffer.allocate(BYTES);

  private SyncMark(FileChannel file) {
    this.file = file;
  }

  static SyncMark in(Path directory) throws IOException {
    return new SyncMark(
        FileChannel.open(
            directory.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
  }

  static boolean isIn(Path directory) {
    return Files.exists(directory.resolve(NAME));
  }

  /** Reads what a directory's file says; nothing when there is none, or it is damaged. */
  static Said read(Path directory) throws IOException {
    Path path = directory.resolve(NAME);
    if (!Files.exists(path) || Files.size(path) < BYTES) {
      return Said.NOTHING;
    }
    ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(path));
    long boot = content.getLong(Long.BYTES);
    if (content.getLong(2 * Long.BYTES) != checksum(content)) {
      return Said.NOTHING;
    }
    return new Said(content.getLong(0), boot != 0 && boot() != 0 && boot != boot());
  }

  /** Says that changes up to this one are synced. */
  void set(long sequence) throws IOException {
    content.clear();
    content.putLong(sequence).putLong(boot).putLong(checksum(content)).flip();
    while (content.hasRemaining()) {
      file.write(content, content.position());
    }
  }

  private static long checksum(ByteBuffer content) {
    CRC32C crc = new CRC32C();
    crc.update(content.duplicate().clear().limit(2 * Long.BYTES));
    return crc.getValue();
  }

  /** A number of this boot of the machine; 0 where it cannot be had. */
  private static long boot() {
    try {
      return Files.readString(BOOT_ID).strip().hashCode();
    } catch (IOException e) {
      return 0;
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
