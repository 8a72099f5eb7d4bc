package dev.cairn.chunkserver.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks through a pack from header to header. Where there is none it looks for the next one byte by
 * byte, so that damage costs no more than what it hit.
 */
final class PackScan {

  private static final int WINDOW_BYTES = 256 << 10;
  private static final int SMALL_WINDOW_BYTES = 512;
  private static final int PIECE_BYTES = 4096;
  // Each may cost a disk seconds.
  private static final int MOST_UNREADABLE = 32;

  /** A record: where its header is, and what that says. */
  record Entry(long chunkId, int position, int length) {}

  /** Bytes that belong to no record, with records behind them. */
  record Gap(long from, long to) {}

  private final Storage.OpenFile content;
  private final long salt;
  private final long size;
  private final ByteBuffer window = ByteBuffer.allocateDirect(WINDOW_BYTES).limit(0);
  private long windowAt;
  // How much the next read takes: between large records there is nothing to look at.
  private int windowBytes = WINDOW_BYTES;

  private final List<Entry> entries = new ArrayList<>();
  private final List<Gap> gaps = new ArrayList<>();
  private long forcedTo;
  private long end;
  private final int mostUnreadable;
  private int unreadable;

  private PackScan(Storage.OpenFile content, long salt, int mostUnreadable) throws IOException {
    this.content = content;
    this.salt = salt;
    this.mostUnreadable = mostUnreadable;
    this.size = content.size();
  }

  static PackScan of(Storage.OpenFile content, long salt) throws IOException {
    PackScan scan = new PackScan(content, salt, 0);
    scan.walk();
    return scan;
  }

  /** Passes over what cannot be read as over other damage, unless it is much. */
  static PackScan asFarAsReadable(Storage.OpenFile content, long salt) throws IOException {
    PackScan scan = new PackScan(content, salt, MOST_UNREADABLE);
    scan.walk();
    return scan;
  }

  /** Whether something that was looked at cannot be read. */
  boolean hasUnreadable() {
    return unreadable > 0;
  }

  /** The whole records, in order. */
  List<Entry> entries() {
    return entries;
  }

  List<Gap> gaps() {
    return gaps;
  }

  /** What is before this position was forced to the disk. */
  long forcedTo() {
    return forcedTo;
  }

  /** The end of the last whole record or checkpoint: what is behind is a torn tail. */
  long end() {
    return end;
  }

  private void walk() throws IOException {
    long at = 0;
    while (at < size) {
      PackFormat.Header header = headerAt(at);
      if (header == null) {
        windowBytes = WINDOW_BYTES;
        long next = nextHeader(at + 1);
        if (next < 0) {
          return;
        }
        gaps.add(new Gap(at, next));
        at = next;
        continue;
      }
      if (at + header.size() > size) {
        return;
      }
      if (header.isRecord()) {
        entries.add(new Entry(header.chunkId(), (int) at, header.length()));
      } else {
        forcedTo = Math.max(forcedTo, Math.min(header.chunkId(), at));
      }
      at += header.size();
      end = at;
      windowBytes = header.length() > WINDOW_BYTES / 16 ? SMALL_WINDOW_BYTES : WINDOW_BYTES;
    }
  }

  private long nextHeader(long from) throws IOException {
    for (long at = from; at + PackFormat.CHECKPOINT_BYTES <= size; at++) {
      if (headerAt(at) != null) {
        return at;
      }
    }
    return -1;
  }

  private void fill(long at, int length) throws IOException {
    windowAt = at;
    try {
      window.clear().limit(length);
      content.read(window, at);
      window.flip();
    } catch (IOException e) {
      fillByPieces(length);
    }
  }

  /** Leaves zeros, which are no header, where nothing can be read. */
  private void fillByPieces(int length) throws IOException {
    window.clear().limit(length);
    for (int from = 0; from < length; from += PIECE_BYTES) {
      int count = Math.min(PIECE_BYTES, length - from);
      try {
        content.read(window.slice(from, count), windowAt + from);
      } catch (IOException e) {
        if (unreadable == mostUnreadable) {
          throw e;
        }
        unreadable++;
        window.put(from, new byte[count]);
      }
    }
  }

  private PackFormat.Header headerAt(long at) throws IOException {
    long needed = Math.min(PackFormat.MAX_HEADER_BYTES, size - at);
    if (at < windowAt || at + needed > windowAt + window.limit()) {
      fill(at, (int) Math.min(windowBytes, size - at));
    }
    return PackFormat.header(window, (int) (at - windowAt), salt);
  }
}
