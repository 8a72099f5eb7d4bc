package dev.cairn.client.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What is mounted where, as Linux tells it; elsewhere nothing is known. */
final class MountTable {

  private static final Path FILE = Path.of("/proc/self/mounts");

  private MountTable() {}

  /** What was mounted last at the path; null when nothing is. */
  static String sourceAt(Path mountPoint) throws IOException {
    if (!Files.isReadable(FILE)) {
      return null;
    }
    String source = null;
    for (String line : Files.readString(FILE, StandardCharsets.ISO_8859_1).split("\n", -1)) {
      String[] fields = line.split(" ", -1);
      if (fields.length > 2 && unescaped(fields[1]).equals(mountPoint.toString())) {
        source = fields[2].startsWith("fuse") ? unescaped(fields[0]) : fields[2];
      }
    }
    return source;
  }

  /** Blanks and the like are in octal: fstab(5). */
  private static String unescaped(String field) {
    StringBuilder text = new StringBuilder(field.length());
    for (int i = 0; i < field.length(); i++) {
      if (field.charAt(i) == '\\' && i + 3 < field.length()) {
        text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        text.append(field.charAt(i));
      }
    }
    return new String(
        text.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
