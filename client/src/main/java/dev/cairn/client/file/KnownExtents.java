package dev.cairn.client.file;

import dev.cairn.client.file.Source.Stored;
import dev.cairn.rpc.proto.ChunkLocation;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.ExtentMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The committed extents of a file, as far as this client knows them: in pages that the master gave,
 * and over those what this client has committed since. The latter is few, and merged into the pages
 * when it is many. Pages are dropped, those first that were not used for longest, when all files
 * together hold too many extents; the master is asked for them again. All methods need the file's
 * lock.
 */
final class KnownExtents {

  /** Own extents over the pages; they take about 150 bytes each. */
  static final int MOST_RECENT = 1024;

  /** A committed extent from its start on. */
  private record Located(long chunkId, long chunkOffset, ChunkPlace place) {
    Located plus(long delta) {
      return new Located(chunkId, chunkOffset + delta, place);
    }
  }

  private final ExtentBudget.Share share;
  private final TreeMap<Long, ExtentPage> pages = new TreeMap<>();
  private final RangeMap<Located> recent = new RangeMap<>(Located::plus);
  private int pagedExtents;
  private long uses;

  KnownExtents(ExtentBudget.Share share) {
    this.share = share;
  }

  void clear() {
    pages.clear();
    recent.clear();
    pagedExtents = 0;
    share.holds(0);
  }

  /** Learns a part of the master's extent map, which begins at the given offset. */
  void learn(long from, ExtentMap map) {
    long to = map.getCompleteTo() < 0 ? Long.MAX_VALUE : map.getCompleteTo();
    if (to <= from) {
      return;
    }
    Map<Long, ChunkPlace> places = new HashMap<>();
    for (ChunkLocation location : map.getLocationsList()) {
      places.put(
          location.getChunkId(),
          new ChunkPlace(List.copyOf(location.getServerIdsList()), location.getLost()));
    }
    ExtentPage.Builder extents = new ExtentPage.Builder();
    for (Extent extent : map.getExtentsList()) {
      // The first one may begin before, the last one end behind what is asked for.
      long start = Math.max(from, extent.getFileOffset());
      long end = Math.min(to, extent.getFileOffset() + extent.getLength());
      if (start < end) {
        extents.visit(
            start,
            (int) (end - start),
            extent.getChunkId(),
            (int) (extent.getChunkOffset() + start - extent.getFileOffset()),
            places.getOrDefault(extent.getChunkId(), ChunkPlace.UNKNOWN));
      }
    }
    recent.remove(from, to - from);
    cutPages(from, to);
    addPages(extents.build(from, to));
    counted();
  }

  /** Takes [from, to) out of all pages. */
  private void cutPages(long from, long to) {
    ExtentPage page = firstPageEndingBehind(from);
    while (page != null && page.from() < to) {
      removePage(page);
      if (page.from() < from) {
        addPages(part(page, page.from(), from));
      }
      if (page.to() > to) {
        addPages(part(page, to, page.to()));
      }
      page = firstPageEndingBehind(from);
    }
  }

  private static List<ExtentPage> part(ExtentPage page, long from, long to) {
    ExtentPage.Builder extents = new ExtentPage.Builder();
    page.visit(from, to, extents);
    return extents.build(from, to);
  }

  private ExtentPage firstPageEndingBehind(long offset) {
    Map.Entry<Long, ExtentPage> before = pages.floorEntry(offset);
    if (before != null && before.getValue().to() > offset) {
      return before.getValue();
    }
    Map.Entry<Long, ExtentPage> next = pages.higherEntry(offset);
    return next == null ? null : next.getValue();
  }

  private void addPages(List<ExtentPage> added) {
    for (ExtentPage page : added) {
      page.used(++uses);
      pages.put(page.from(), page);
      pagedExtents += page.size();
    }
  }

  private void removePage(ExtentPage page) {
    pages.remove(page.from());
    pagedExtents -= page.size();
  }

  /** The first offset in [from, to) about which the master must be asked; -1 when there is none. */
  long firstUnknown(long from, long to) {
    long at = from;
    while (at < to) {
      long end = knownEnd(at, to);
      if (end == at) {
        return at;
      }
      at = end;
    }
    return -1;
  }

  /**
   * The end, not behind {@code to}, of what is known from an offset on and can be looked at in one
   * go; the offset itself when the master must be asked about it.
   */
  long knownEnd(long from, long to) {
    Map.Entry<Long, ExtentPage> entry = pages.floorEntry(from);
    long end = entry == null ? from : entry.getValue().to();
    return Math.max(from, Math.min(end, to));
  }

  /** This client has committed an extent. */
  void committed(long offset, long length, Stored stored, ChunkPlace place) {
    recent.put(offset, length, new Located(stored.chunkId(), stored.chunkOffset(), place));
    if (recent.size() > MOST_RECENT) {
      merge();
    }
    counted();
  }

  /** Makes own extents part of the pages; where nothing is known, the master will be asked. */
  private void merge() {
    for (ExtentPage page : List.copyOf(pages.values())) {
      List<RangeMap.Range<Located>> own = recent.within(page.from(), page.to());
      if (!own.isEmpty()) {
        ExtentPage.Builder extents = new ExtentPage.Builder();
        visit(page, own, page.from(), page.to(), extents);
        removePage(page);
        addPages(extents.build(page.from(), page.to()));
      }
    }
    recent.clear();
  }

  /** Visits the parts of extents that lie in [from, to), in order. */
  void visit(long from, long to, ExtentPage.Visitor visitor) {
    long at = from;
    for (RangeMap.Range<Located> own : recent.within(from, to)) {
      visitPages(at, own.offset(), visitor);
      visit(own, visitor);
      at = own.end();
    }
    visitPages(at, to, visitor);
  }

  private void visitPages(long from, long to, ExtentPage.Visitor visitor) {
    if (from >= to) {
      return;
    }
    ExtentPage page = firstPageEndingBehind(from);
    while (page != null && page.from() < to) {
      page.used(++uses);
      page.visit(from, to, visitor);
      Map.Entry<Long, ExtentPage> next = pages.higherEntry(page.from());
      page = next == null ? null : next.getValue();
    }
  }

  private static void visit(
      ExtentPage page,
      List<RangeMap.Range<Located>> own,
      long from,
      long to,
      ExtentPage.Visitor visitor) {
    long at = from;
    for (RangeMap.Range<Located> range : own) {
      page.visit(at, range.offset(), visitor);
      visit(range, visitor);
      at = range.end();
    }
    page.visit(at, to, visitor);
  }

  private static void visit(RangeMap.Range<Located> own, ExtentPage.Visitor visitor) {
    Located located = own.value();
    visitor.visit(
        own.offset(),
        (int) own.length(),
        located.chunkId(),
        (int) located.chunkOffset(),
        located.place());
  }

  /** Extents that are held in memory. */
  int size() {
    return pagedExtents + recent.size();
  }

  /** Says how many extents there are, and drops pages where those are too many. */
  private void counted() {
    int tooMany = share.holds(size());
    if (tooMany > 0) {
      int wanted = size() - tooMany;
      while (size() > wanted && pages.size() > 1) {
        ExtentPage oldest = null;
        for (ExtentPage page : pages.values()) {
          oldest = oldest == null || page.lastUse() < oldest.lastUse() ? page : oldest;
        }
        removePage(oldest);
      }
      share.holds(size());
    }
  }
}
