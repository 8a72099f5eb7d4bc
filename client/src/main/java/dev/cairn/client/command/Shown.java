package dev.cairn.client.command;

import dev.cairn.rpc.ShownText;
import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Attributes in the words and letters people know from ls(1) and stat(1). */
final class Shown {

  private static final DateTimeFormatter MINUTES = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");
  private static final DateTimeFormatter NANOS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.nnnnnnnnn xx");

  private Shown() {}

  /** Like {@code drwxr-xr-x}. */
  static String mode(Attributes attributes) {
    int permissions = attributes.getPermissions();
    StringBuilder mode = new StringBuilder().append(letter(attributes.getType()));
    for (int shift = 6; shift >= 0; shift -= 3) {
      mode.append((permissions >> shift & 4) != 0 ? 'r' : '-');
      mode.append((permissions >> shift & 2) != 0 ? 'w' : '-');
      mode.append((permissions >> shift & 1) != 0 ? 'x' : '-');
    }
    special(mode, 3, (permissions & 04000) != 0, 's');
    special(mode, 6, (permissions & 02000) != 0, 's');
    special(mode, 9, (permissions & 01000) != 0, 't');
    return mode.toString();
  }

  private static void special(StringBuilder mode, int at, boolean set, char letter) {
    if (set) {
      mode.setCharAt(at, mode.charAt(at) == 'x' ? letter : Character.toUpperCase(letter));
    }
  }

  private static char letter(FileType type) {
    return switch (type) {
      case DIRECTORY -> 'd';
      case SYMLINK -> 'l';
      case FIFO -> 'p';
      case SOCKET -> 's';
      case CHARACTER_DEVICE -> 'c';
      case BLOCK_DEVICE -> 'b';
      default -> '-';
    };
  }

  static String type(FileType type) {
    return switch (type) {
      case REGULAR -> "regular file";
      case SYMLINK -> "symbolic link";
      default -> type.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    };
  }

  /** Like {@code 1 entry}, {@code 2 entries}. */
  static String count(long number, String one, String several) {
    return ShownText.count(number, one, several);
  }

  /** Bytes as a number, or with a unit for people. */
  static String size(long bytes, boolean human) {
    return human
        ? SizeInBytes.show(bytes).replace(" ", "").replace("iB", "")
        : Long.toString(bytes);
  }

  static String minutes(long nanos) {
    return MINUTES.format(instant(nanos).atZone(ZoneId.systemDefault()));
  }

  static String nanos(long nanos) {
    return NANOS.format(instant(nanos).atZone(ZoneId.systemDefault()));
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }

  /** Like {@code 3 d 4 h}: the two largest units. */
  static String time(long millis) {
    return ShownText.time(millis);
  }

  /** The names of users or groups by their numbers; a number without one stays a number. */
  static final class Accounts {

    private final Map<Integer, String> names = new HashMap<>();

    private Accounts(Path file) throws IOException {
      if (!Files.isReadable(file)) {
        return;
      }
      for (String line : Files.readString(file, StandardCharsets.ISO_8859_1).split("\n", -1)) {
        String[] fields = line.split(":", -1);
        if (fields.length > 2 && fields[2].matches("\\d{1,9}")) {
          names.putIfAbsent(Integer.valueOf(fields[2]), fields[0]);
        }
      }
    }

    static Accounts users() throws IOException {
      return new Accounts(Path.of("/etc/passwd"));
    }

    static Accounts groups() throws IOException {
      return new Accounts(Path.of("/etc/group"));
    }

    String name(int id) {
      return names.getOrDefault(id, Integer.toUnsignedString(id));
    }
  }
}
