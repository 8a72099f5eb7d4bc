package dev.cairn.master.raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a log after a power cut: an entry that was being written may be there in part. It was
 * not forced, so nobody counts on it.
 *
 * <p>Ratis ignores such an entry where the file ends within it. But its files are made longer
 * beforehand, so that zeros stand for the rest of the entry; Ratis takes that for damage, and the
 * master would not start. Only what looks like such an end is cut off: an entry whose checksum is
 * not written, with nothing but zeros behind it. Anything else that is wrong is left for Ratis to
 * refuse.
 *
 * <p>The format is that of {@code SegmentedRaftLogFormat} and {@code SegmentedRaftLogReader}: a
 * header, then for each entry its length as a varint, its bytes, and a CRC32C of both.
 */
final class TornEnd {

  private static final Logger LOG = LoggerFactory.getLogger(TornEnd.class);
  private static final String OPEN_SEGMENT = "log_inprogress_";
  private static final int DEPTH = 3;
  private static final int HEADER_BYTES = 8;
  private static final int CHECKSUM_BYTES = 4;
  private static final int LONGEST_VARINT = 5;

  private TornEnd() {}

  /** Cuts off an entry that is there in part, in the open segments below a directory. */
  static void cut(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    List<Path> open;
    try (Stream<Path> files = Files.walk(directory, DEPTH)) {
      open = files.filter(f -> f.getFileName().toString().startsWith(OPEN_SEGMENT)).toList();
    }
    for (Path segment : open) {
      cutSegment(segment);
    }
  }

  private static void cutSegment(Path segment) throws IOException {
    ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(segment));
    int whole = endOfWholeEntries(content);
    if (isTorn(content, whole)) {
      LOG.warn("{} ends with a part of an entry, which is cut off at byte {}", segment, whole);
      try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
        file.truncate(whole);
        file.force(true);
      }
    }
  }

  private static int endOfWholeEntries(ByteBuffer content) {
    int at = Math.min(HEADER_BYTES, content.limit());
    while (true) {
      int end = endOfEntry(content, at);
      if (end < 0 || checksum(content, at, end) != content.getInt(end - CHECKSUM_BYTES)) {
        return at;
      }
      at = end;
    }
  }

  private static int checksum(ByteBuffer content, int begin, int end) {
    CRC32C checksum = new CRC32C();
    checksum.update(content.slice(begin, end - CHECKSUM_BYTES - begin));
    return (int) checksum.getValue();
  }

  /** Where an entry and its checksum end; negative where the file has none, or ends before. */
  private static int endOfEntry(ByteBuffer content, int begin) {
    if (begin >= content.limit() || content.get(begin) == 0) {
      return -1;
    }
    long length = 0;
    int at = begin;
    for (int read = 0; read < LONGEST_VARINT && at < content.limit(); read++, at++) {
      byte part = content.get(at);
      length |= (long) (part & 0x7F) << (7 * read);
      if (part >= 0) {
        long end = at + 1 + length + CHECKSUM_BYTES;
        return end <= content.limit() ? (int) end : -1;
      }
    }
    return -1;
  }

  private static boolean isTorn(ByteBuffer content, int begin) {
    int end = endOfEntry(content, begin);
    if (end < 0) {
      return false;
    }
    for (int at = end - CHECKSUM_BYTES; at < content.limit(); at++) {
      if (content.get(at) != 0) {
        return false;
      }
    }
    return true;
  }
}
