package dev.cairn.rpc.backup;

import dev.cairn.rpc.DurableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A backup that was written. */
public final class Backup {

  /** The file of a master's directory that is written last. */
  private static final String FORMAT = "FORMAT";

  private static final int PIECE_BYTES = 1 << 20;

  private final Path directory;
  private final Manifest manifest;

  private Backup(Path directory, Manifest manifest) {
    this.directory = directory;
    this.manifest = manifest;
  }

  /** The backup in a directory; refuses one that is none, or whose manifest is damaged. */
  public static Backup in(Path directory) throws IOException {
    if (directory.toAbsolutePath().normalize().toString().endsWith(BackupWriter.PART_SUFFIX)) {
      throw new IOException(directory + " is a backup that was not finished");
    }
    if (!Files.isDirectory(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
    Manifest manifest =
        Manifest.find(directory)
            .orElseThrow(
                () -> new IOException(directory + " is no backup: it has no " + Manifest.NAME));
    return new Backup(directory, manifest);
  }

  public Manifest manifest() {
    return manifest;
  }

  public Path tables() {
    return directory.resolve(BackupWriter.TABLES);
  }

  /** Reads everything; refuses a file that is missing, damaged or does not belong there. */
  public void verify() throws IOException {
    refuseOthers();
    for (Manifest.Entry file : manifest.files()) {
      read(file, piece -> {});
    }
  }

  /**
   * Copies the tables to a new directory, and refuses as {@link #verify} does; on the disk when
   * this returns.
   */
  public void copyTables(Path to) throws IOException {
    refuseOthers();
    Files.createDirectory(to);
    for (Manifest.Entry file : manifest.files()) {
      try (FileChannel copy =
          FileChannel.open(
              to.resolve(file.name()), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        read(
            file,
            piece -> {
              while (piece.hasRemaining()) {
                copy.write(piece);
              }
            });
        copy.force(true);
      }
    }
    DurableFile.syncDirectory(to);
  }

  /**
   * Makes a master's data directory of it: one that is not there, or empty. Until the copy is whole
   * and on the disk, no master starts there. What an interrupted restore has left is removed.
   */
  public void restoreTo(Path data) throws IOException {
    Path part = data.resolve(BackupWriter.TABLES + BackupWriter.PART_SUFFIX);
    if (manifest.head().getFormat().isEmpty()) {
      throw new IOException(directory + " does not say which format its tables have");
    }
    refuseUsed(data, part.getFileName());
    DurableFile.createDirectories(data);
    Tree.remove(part);
    copyTables(part);
    Files.move(part, data.resolve(BackupWriter.TABLES), StandardCopyOption.ATOMIC_MOVE);
    DurableFile.syncDirectory(data);
    DurableFile.write(data.resolve(FORMAT), manifest.head().getFormat() + "\n");
  }

  private static void refuseUsed(Path data, Path besides) throws IOException {
    if (!Files.exists(data)) {
      return;
    }
    try (Stream<Path> entries = Files.list(data)) {
      if (entries.anyMatch(entry -> !entry.getFileName().equals(besides))) {
        throw new IOException(
            data + " is not empty: restore to a new directory, or move what is there aside");
      }
    }
  }

  private void refuseOthers() throws IOException {
    Set<String> known =
        manifest.files().stream().map(Manifest.Entry::name).collect(Collectors.toSet());
    try (Stream<Path> entries = Files.list(tables())) {
      for (Path entry : entries.toList()) {
        if (!known.contains(entry.getFileName().toString())) {
          throw new IOException(entry + " is not in the backup's " + Manifest.NAME);
        }
      }
    }
  }

  /** Is given a file's bytes. */
  private interface Pieces {
    void take(ByteBuffer piece) throws IOException;
  }

  private void read(Manifest.Entry entry, Pieces pieces) throws IOException {
    Path path = tables().resolve(entry.name());
    if (!Files.isRegularFile(path)) {
      throw new IOException(path + " is missing: the backup is damaged");
    }
    if (Files.size(path) != entry.bytes()) {
      throw new IOException(
          "%s has %d bytes instead of %d: the backup is damaged"
              .formatted(path, Files.size(path), entry.bytes()));
    }
    Sha256 digest = new Sha256();
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      while (file.read(piece) >= 0) {
        piece.flip();
        digest.add(piece.duplicate());
        pieces.take(piece);
        piece.clear();
      }
    }
    if (!digest.hex().equals(entry.sha256())) {
      throw new IOException(path + " does not match its checksum: the backup is damaged");
    }
  }
}
