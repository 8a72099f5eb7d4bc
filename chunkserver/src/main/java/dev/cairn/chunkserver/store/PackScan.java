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

  private PackScan(Storage.OpenFile content, long salt) throws IOException {
    this.content = content;
    this.salt = salt;
    this.size = content.size();
  }

  static PackScan of(Storage.OpenFile content, long salt) throws IOException {
    PackScan scan = new PackScan(content, salt);
    scan.walk();
    return scan;
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

  private PackFormat.Header headerAt(long at) throws IOException {
    long needed = Math.min(PackFormat.MAX_HEADER_BYTES, size - at);
    if (at < windowAt || at + needed > windowAt + window.limit()) {
      window.clear().limit((int) Math.min(windowBytes, size - at));
      content.read(window, at);
      window.flip();
      windowAt = at;
    }
    return PackFormat.header(window, (int) (at - windowAt), salt);
  }
}
