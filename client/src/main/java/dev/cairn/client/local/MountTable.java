package dev.cairn.client.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is mounted, as Linux tells in {@code /proc/self/mountinfo}: proc_pid_mountinfo(5). */
public final class MountTable {

  private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

  /**
   * A mount.
   *
   * @param device major and minor number of the filesystem, as {@code 0:45}
   * @param type the filesystem's, with its subtype: {@code fuse.cairn}
   */
  public record Entry(String device, String mountPoint, String type, String source) {

    /** Whether it is one of a cluster. */
    public boolean isCairn() {
      return type.startsWith("fuse") && source.startsWith("cairn:");
    }
  }

  private final List<Entry> entries;

  MountTable(List<Entry> entries) {
    this.entries = entries;
  }

  /** Whether this system has such a table: Linux has, macOS has not. */
  public static boolean exists() {
    return Files.exists(MOUNTINFO);
  }

  /** The table as it is now; empty where there is no such file. */
  public static MountTable read() throws IOException {
    if (!exists()) {
      return new MountTable(List.of());
    }
    return parse(new String(Files.readAllBytes(MOUNTINFO), StandardCharsets.UTF_8));
  }

  static MountTable parse(String mountinfo) {
    List<Entry> entries = new ArrayList<>();
    for (String line : mountinfo.split("\n", 0)) {
      String[] halves = line.split(" - ", 2);
      if (halves.length == 2) {
        String[] left = halves[0].split(" ", 0);
        String[] right = halves[1].split(" ", 0);
        entries.add(new Entry(left[2], plain(left[4]), right[0], plain(right[1])));
      }
    }
    return new MountTable(entries);
  }

  /** The mount at exactly this place; of several on top of each other, the one that is seen. */
  public Optional<Entry> at(Path mountPoint) {
    return entries.stream()
        .filter(entry -> entry.mountPoint().equals(mountPoint.toString()))
        .reduce((lower, upper) -> upper);
  }

  /** Undoes the table's octal escapes of blank, tab, newline and backslash. */
  private static String plain(String escaped) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < escaped.length(); i++) {
      char c = escaped.charAt(i);
      if (c == '\\' && i + 3 < escaped.length()) {
        plain.append((char) Integer.parseInt(escaped.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }
}
