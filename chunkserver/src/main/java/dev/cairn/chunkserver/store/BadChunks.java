package dev.cairn.chunkserver.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * The chunks of a disk that were found damaged: lines of "ID REASON", so that they are reported
 * after a restart without being read again, and "ID " once they are gone. Losing a line costs
 * nothing else than that.
 */
final class BadChunks {

  private static final int MAX_BYTES = 16 << 20;

  private final Storage storage;
  private final Path file;

  BadChunks(Storage storage, Path file) {
    this.storage = storage;
    this.file = file;
  }

  synchronized void remember(long chunkId, String reason) {
    try (Storage.OpenFile lines = storage.open(file, Storage.Mode.OPEN_OR_CREATE)) {
      long size = lines.size();
      if (size < MAX_BYTES) {
        lines.write(encoded(chunkId, reason), size);
      }
    } catch (IOException e) {
      LoggerFactory.getLogger(BadChunks.class).debug("{} cannot be written", file, e);
    }
  }

  /** The chunk is gone from here: should it come again, it is another replica. */
  void forget(long chunkId) {
    remember(chunkId, "");
  }

  /** What was remembered, by chunk id; nothing when the file cannot be read. */
  synchronized Map<Long, String> load() {
    Map<Long, String> reasons = new LinkedHashMap<>();
    if (!storage.exists(file)) {
      return reasons;
    }
    try (Storage.OpenFile lines = storage.open(file, Storage.Mode.READ)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(lines.size(), MAX_BYTES));
      lines.read(bytes, 0);
      String text = StandardCharsets.UTF_8.decode(bytes.flip()).toString();
      text.lines().forEach(line -> parse(line, reasons));
    } catch (IOException e) {
      LoggerFactory.getLogger(BadChunks.class).warn("{} cannot be read", file, e);
    }
    return reasons;
  }

  /** Keeps only these. */
  synchronized void rewrite(Map<Long, String> reasons) throws IOException {
    if (reasons.isEmpty()) {
      storage.delete(file);
      return;
    }
    try (Storage.OpenFile lines = storage.open(file, Storage.Mode.CREATE)) {
      long at = 0;
      for (Map.Entry<Long, String> entry : reasons.entrySet()) {
        ByteBuffer line = encoded(entry.getKey(), entry.getValue());
        int length = line.remaining();
        lines.write(line, at);
        at += length;
      }
    }
  }

  private static ByteBuffer encoded(long chunkId, String reason) {
    String line = ChunkName.hex(chunkId) + " " + reason.replace('\n', ' ') + "\n";
    return ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
  }

  private static void parse(String line, Map<Long, String> reasons) {
    int space = line.indexOf(' ');
    long id = space < 0 ? 0 : ChunkName.ofHex(line.substring(0, space));
    if (id != 0 && space + 1 == line.length()) {
      reasons.remove(id);
    } else if (id != 0) {
      reasons.put(id, line.substring(space + 1));
    }
  }
}
