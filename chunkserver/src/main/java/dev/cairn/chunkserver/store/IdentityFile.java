package dev.cairn.chunkserver.store;

import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a data directory says of itself: lines of KEY=VALUE.
 *
 * <pre>
 *   format-version=2
 *   server-uuid=...
 *   cluster-id=...
 *   this-directory=ID
 *   directory-ID=PATH    of each directory of the server, where it was seen last
 * </pre>
 *
 * Format 1 has no directories.
 */
final class IdentityFile {

  static final String NAME = "identity";
  static final String THIS = "this-directory";
  static final String DIRECTORY = "directory-";

  private static final String FORMAT = "2";
  private static final String FORMER = "1";
  private static final int MAX_BYTES = 1 << 20;

  private final Storage storage;
  private final Path root;

  IdentityFile(Storage storage, Path root) {
    this.storage = storage;
    this.root = root;
  }

  /** The lines; none when there is no file, null when it is damaged. */
  Map<String, String> read() throws IOException {
    Map<String, String> entries = new TreeMap<>();
    Path path = root.resolve(NAME);
    if (!storage.exists(path)) {
      return entries;
    }
    try (Storage.OpenFile file = storage.open(path, Storage.Mode.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), MAX_BYTES));
      file.read(bytes, 0);
      String text = StandardCharsets.UTF_8.decode(bytes.flip()).toString();
      text.lines().forEach(line -> take(line, entries));
    }
    String format = entries.getOrDefault("format-version", "");
    if (!format.matches("[1-9][0-9]*") || entries.getOrDefault("server-uuid", "").isEmpty()) {
      return null;
    }
    if (!format.equals(FORMAT) && !format.equals(FORMER)) {
      throw ErrorCode.INVALID.because(
          path + " has format version '" + format + "', and this server reads " + FORMAT);
    }
    return entries;
  }

  private static void take(String line, Map<String, String> entries) {
    int sign = line.indexOf('=');
    if (sign > 0) {
      entries.put(line.substring(0, sign), line.substring(sign + 1).strip());
    }
  }

  void write(String serverUuid, String clusterId, String id, Map<String, String> directories)
      throws IOException {
    StringBuilder text = new StringBuilder();
    text.append("format-version=").append(FORMAT).append('\n');
    text.append("server-uuid=").append(serverUuid).append('\n');
    text.append("cluster-id=").append(clusterId).append('\n');
    text.append(THIS).append('=').append(id).append('\n');
    directories.forEach(
        (directory, path) ->
            text.append(DIRECTORY).append(directory).append('=').append(path).append('\n'));
    Path fresh = root.resolve(NAME + ".new");
    try (Storage.OpenFile file = storage.open(fresh, Storage.Mode.CREATE)) {
      file.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)), 0);
      file.force();
    }
    storage.replace(root.resolve(NAME), fresh);
    storage.forceDirectory(root);
  }
}
