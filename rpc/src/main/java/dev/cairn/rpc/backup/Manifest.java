package dev.cairn.rpc.backup;

import dev.cairn.rpc.proto.BackupHead;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a backup says of itself.
 *
 * @param head of what it is a copy
 * @param files all files of its tables
 */
public record Manifest(BackupHead head, List<Entry> files) {

  static final String NAME = "MANIFEST";
  private static final String FIRST_LINE = "cairn backup 1";
  private static final String OWN_SHA256 = "sha256 = ";
  private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** A file of the tables. */
  public record Entry(String name, long bytes, String sha256) {

    public Entry {
      if (!isFileName(name) || bytes < 0 || !SHA256.matcher(sha256).matches()) {
        throw new IllegalArgumentException("no file of a backup: " + name);
      }
    }
  }

  public Manifest {
    files = List.copyOf(files);
  }

  /** Whether a file of a backup may have the name: it leads to no other directory. */
  static boolean isFileName(String name) {
    return FILE_NAME.matcher(name).matches();
  }

  /** The bytes of all files. */
  public long bytes() {
    return files.stream().mapToLong(Entry::bytes).sum();
  }

  /** When the copy was made. */
  public Instant taken() {
    return instant(head.getTaken());
  }

  /** The instant of nanoseconds since 1970. */
  public static Instant instant(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, NANOS_PER_SECOND), Math.floorMod(nanos, NANOS_PER_SECOND));
  }

  /** The manifest of a backup; none when the directory has none. */
  public static Optional<Manifest> find(Path backup) throws IOException {
    Path file = backup.resolve(NAME);
    try {
      return Optional.of(parse(Files.readString(file)));
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Optional.empty();
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  String text() {
    StringBuilder text = new StringBuilder(FIRST_LINE).append('\n');
    text.append("cluster = ").append(head.getClusterId()).append('\n');
    text.append("version = ").append(head.getVersion()).append('\n');
    text.append("format = ").append(head.getFormat()).append('\n');
    text.append("taken = ").append(taken()).append('\n');
    text.append("sequence = ").append(head.getSequence()).append('\n');
    text.append("inodes = ").append(head.getInodes()).append('\n');
    text.append("chunks = ").append(head.getChunks()).append('\n');
    for (Entry file : files) {
      text.append("file = %s %d %s\n".formatted(file.sha256(), file.bytes(), file.name()));
    }
    String sum = sha256(text.toString());
    return text.append(OWN_SHA256).append(sum).append('\n').toString();
  }

  /**
   * Reads a manifest.
   *
   * @throws IllegalArgumentException if it is not whole, with a sentence
   */
  static Manifest parse(String text) {
    if (!text.startsWith("cairn backup ")) {
      throw new IllegalArgumentException("it is no manifest of a backup");
    }
    if (!text.startsWith(FIRST_LINE + "\n")) {
      throw new IllegalArgumentException("it is of another format than '" + FIRST_LINE + "'");
    }
    int end = text.lastIndexOf(OWN_SHA256);
    String ending = end < 0 ? "" : OWN_SHA256 + sha256(text.substring(0, end)) + "\n";
    if (end < 0 || !text.substring(end).equals(ending)) {
      throw new IllegalArgumentException("its own checksum does not match");
    }
    BackupHead.Builder head = BackupHead.newBuilder();
    List<Entry> files = new ArrayList<>();
    text.substring(FIRST_LINE.length() + 1, end).lines().forEach(line -> take(line, head, files));
    Manifest manifest = new Manifest(head.build(), files);
    return new Manifest(
        head.setFiles(files.size()).setBytes(manifest.bytes()).build(), manifest.files());
  }

  private static void take(String line, BackupHead.Builder head, List<Entry> files) {
    String[] pair = line.split(" = ", 2);
    String value = pair.length == 2 ? pair[1] : "";
    switch (pair[0]) {
      case "cluster" -> head.setClusterId(value);
      case "version" -> head.setVersion(value);
      case "format" -> head.setFormat(value);
      case "taken" -> head.setTaken(nanos(Instant.parse(value)));
      case "sequence" -> head.setSequence(Long.parseUnsignedLong(value));
      case "inodes" -> head.setInodes(Long.parseLong(value));
      case "chunks" -> head.setChunks(Long.parseLong(value));
      case "file" -> files.add(entry(value));
      default -> throw new IllegalArgumentException("'" + pair[0] + "' is unknown");
    }
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * NANOS_PER_SECOND + instant.getNano();
  }

  private static Entry entry(String value) {
    String[] parts = value.split(" ", 3);
    if (parts.length != 3) {
      throw new IllegalArgumentException("'" + value + "' is no file");
    }
    return new Entry(parts[2], Long.parseLong(parts[1]), parts[0]);
  }

  private static String sha256(String text) {
    Sha256 digest = new Sha256();
    digest.add(text.getBytes(StandardCharsets.UTF_8));
    return digest.hex();
  }
}
