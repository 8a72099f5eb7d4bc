package dev.cairn.rpc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The one way to write a small file that a later start depends on. The content goes to {@code
 * NAME.new}, is synced, replaces {@code NAME} by a rename, and the directory is synced. Readers see
 * the old content or the new one, and so does whoever starts after a power cut at any moment.
 */
public final class DurableFile {

  /** What a write that was interrupted may leave beside the file. */
  public static final String FRESH_SUFFIX = ".new";

  private DurableFile() {}

  /**
   * Replaces the content of {@code file}, and makes its parent directories where they are missing.
   */
  public static void write(Path file, String content) throws IOException {
    Path target = file.toAbsolutePath();
    Path parent = target.getParent();
    createDirectories(parent);
    Path fresh = parent.resolve(target.getFileName() + FRESH_SUFFIX);
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncDirectory(parent);
  }

  /** Makes a directory and the parents it lacks, each of them synced in its own parent. */
  public static void createDirectories(Path directory) throws IOException {
    Path target = directory.toAbsolutePath();
    if (Files.isDirectory(target)) {
      return;
    }
    Path parent = target.getParent();
    if (parent != null) {
      createDirectories(parent);
    }
    Files.createDirectories(target);
    if (parent != null) {
      syncDirectory(parent);
    }
  }

  /** Makes the names in a directory survive a power cut (fsync(2) of the directory). */
  public static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
