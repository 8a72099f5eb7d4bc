package dev.cairn.client.file;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The committed extents of [from, to) of a file: what none of them covers is a hole. Held in
 * arrays, 26 bytes for each extent; extents that lie one behind the other in the file and in the
 * chunk are one. Immutable but for its use, which needs the file's lock.
 */
final class ExtentPage {

  /** Extents of a page; one more begins the next. */
  static final int MOST_EXTENTS = 4096;

  /** Is shown a part of an extent. */
  interface Visitor {
    void visit(long offset, int length, long chunkId, int chunkOffset, ChunkPlace place);
  }

  private final long from;
  private final long to;
  private final long[] offsets;
  private final int[] lengths;
  private final long[] chunkIds;
  private final int[] chunkOffsets;
  private final char[] placeNumbers;
  private final ChunkPlace[] places;
  private long lastUse;

  private ExtentPage(long from, long to, Builder extents, int first, int end) {
    this.from = from;
    this.to = to;
    offsets = Arrays.copyOfRange(extents.offsets, first, end);
    lengths = Arrays.copyOfRange(extents.lengths, first, end);
    chunkIds = Arrays.copyOfRange(extents.chunkIds, first, end);
    chunkOffsets = Arrays.copyOfRange(extents.chunkOffsets, first, end);
    placeNumbers = new char[end - first];
    Map<ChunkPlace, Character> numbers = new HashMap<>();
    List<ChunkPlace> numbered = new ArrayList<>();
    for (int i = first; i < end; i++) {
      ChunkPlace place = extents.places.get(i);
      Character number = numbers.get(place);
      if (number == null) {
        number = (char) numbered.size();
        numbers.put(place, number);
        numbered.add(place);
      }
      placeNumbers[i - first] = number;
    }
    places = numbered.toArray(new ChunkPlace[0]);
  }

  long from() {
    return from;
  }

  long to() {
    return to;
  }

  int size() {
    return offsets.length;
  }

  void used(long now) {
    lastUse = now;
  }

  long lastUse() {
    return lastUse;
  }

  /** Visits the parts of extents that lie in [start, end), in order. */
  void visit(long start, long end, Visitor visitor) {
    for (int i = firstEndingBehind(start); i < offsets.length && offsets[i] < end; i++) {
      int skipped = (int) Math.max(0, start - offsets[i]);
      long partEnd = Math.min(end, offsets[i] + lengths[i]);
      visitor.visit(
          offsets[i] + skipped,
          (int) (partEnd - offsets[i]) - skipped,
          chunkIds[i],
          chunkOffsets[i] + skipped,
          places[placeNumbers[i]]);
    }
  }

  private int firstEndingBehind(long offset) {
    int found = Arrays.binarySearch(offsets, offset);
    if (found >= 0) {
      return found;
    }
    int before = -found - 2;
    return before >= 0 && offsets[before] + lengths[before] > offset ? before : before + 1;
  }

  /** Gathers extents in the order of the file. */
  static final class Builder implements Visitor {

    private long[] offsets = new long[16];
    private int[] lengths = new int[16];
    private long[] chunkIds = new long[16];
    private int[] chunkOffsets = new int[16];
    private final List<ChunkPlace> places = new ArrayList<>();
    private int size;

    /** Adds an extent, or makes the last one longer. */
    @Override
    public void visit(long offset, int length, long chunkId, int chunkOffset, ChunkPlace place) {
      int last = size - 1;
      if (last >= 0
          && offsets[last] + lengths[last] == offset
          && chunkIds[last] == chunkId
          && chunkOffsets[last] + lengths[last] == chunkOffset) {
        lengths[last] += length;
        places.set(last, place);
        return;
      }
      if (size == offsets.length) {
        offsets = Arrays.copyOf(offsets, 2 * size);
        lengths = Arrays.copyOf(lengths, 2 * size);
        chunkIds = Arrays.copyOf(chunkIds, 2 * size);
        chunkOffsets = Arrays.copyOf(chunkOffsets, 2 * size);
      }
      offsets[size] = offset;
      lengths[size] = length;
      chunkIds[size] = chunkId;
      chunkOffsets[size] = chunkOffset;
      places.add(place);
      size++;
    }

    /** The pages of [from, to), within which all extents lie. */
    List<ExtentPage> build(long from, long to) {
      List<ExtentPage> pages = new ArrayList<>();
      long start = from;
      for (int first = 0; first == 0 || first < size; first += MOST_EXTENTS) {
        int end = Math.min(size, first + MOST_EXTENTS);
        long pageEnd = end < size ? offsets[end] : to;
        pages.add(new ExtentPage(start, pageEnd, this, first, end));
        start = pageEnd;
      }
      return pages;
    }
  }
}
