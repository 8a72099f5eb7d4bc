package dev.cairn.client.vfs;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** The content of a file: pages that were written, and holes. Guarded by its node's monitor. */
final class SparseBytes {

  private static final int PAGE = 64 << 10;

  /** By page number; an array shorter than a page stands for zeros behind its end. */
  private final TreeMap<Long, byte[]> pages = new TreeMap<>();

  private long size;

  long size() {
    return size;
  }

  long allocated() {
    long sum = 0;
    for (byte[] page : pages.values()) {
      sum += page.length;
    }
    return sum;
  }

  int read(long offset, ByteBuffer into) {
    int total = (int) Math.max(0, Math.min(into.remaining(), size - offset));
    for (int done = 0; done < total; ) {
      int within = (int) ((offset + done) % PAGE);
      int length = Math.min(total - done, PAGE - within);
      byte[] page = pages.getOrDefault((offset + done) / PAGE, new byte[0]);
      int there = Math.max(0, Math.min(length, page.length - within));
      into.put(page, there == 0 ? 0 : within, there);
      into.put(new byte[length - there]);
      done += length;
    }
    return total;
  }

  int write(long offset, ByteBuffer from) {
    int total = from.remaining();
    for (int done = 0; done < total; ) {
      int within = (int) ((offset + done) % PAGE);
      int length = Math.min(total - done, PAGE - within);
      from.get(page((offset + done) / PAGE, within + length), within, length);
      done += length;
    }
    size = Math.max(size, offset + total);
    return total;
  }

  void resize(long newSize) {
    if (newSize < size) {
      erase(newSize, Long.MAX_VALUE - newSize);
    }
    size = newSize;
  }

  void extend(long newSize) {
    size = Math.max(size, newSize);
  }

  void erase(long offset, long length) {
    long end = offset + length;
    Map<Long, byte[]> hit = pages.subMap(offset / PAGE, true, (end - 1) / PAGE, true);
    hit.entrySet()
        .removeIf(
            entry -> {
              long start = entry.getKey() * PAGE;
              int from = (int) Math.max(0, offset - start);
              int to = (int) Math.min(entry.getValue().length, end - start);
              if (from < to) {
                Arrays.fill(entry.getValue(), from, to, (byte) 0);
              }
              return from == 0 && to == entry.getValue().length;
            });
  }

  long seek(long offset, boolean hole) throws CairnException {
    if (offset >= size) {
      throw ErrorCode.NO_DATA_THERE.because("offset " + offset + " is not within the file");
    }
    long at = offset;
    while (at < size && pages.containsKey(at / PAGE) == hole) {
      at = (at / PAGE + 1) * PAGE;
    }
    if (at >= size && !hole) {
      throw ErrorCode.NO_DATA_THERE.because("there is no data behind offset " + offset);
    }
    return Math.min(at, size);
  }

  private byte[] page(long number, int length) {
    byte[] page = pages.get(number);
    if (page == null || page.length < length) {
      int roundedUp = Math.max(512, Integer.highestOneBit(2 * length - 1));
      page = page == null ? new byte[roundedUp] : Arrays.copyOf(page, roundedUp);
      pages.put(number, page);
    }
    return page;
  }
}
