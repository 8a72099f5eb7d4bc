package dev.cairn.master.compact;

import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.ExtentCursor;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides which extents of one file are to be written into new chunks.
 *
 * <p><b>Goals</b>: room that mostly dead chunks take comes back; where a file has many short
 * extents one behind the other there is one long one afterwards; no byte is copied that does not
 * help with either; what was written anew is not written anew again; memory stays bounded, however
 * many extents a file has.
 *
 * <p><b>Algorithm</b>: Going through the extents once, it adds up how much of each chunk they still
 * cover, and how many there are of it. A chunk is the file's own if these are all there are. Of a
 * <em>wasteful</em> chunk, an own and sealed one of which a large part is dead, all extents are
 * taken. Going through them a second time, it gathers those, and short ones of own chunks that
 * adjoin another one taken, up to what one new chunk may hold: the file's chunk size, and the part
 * of the file between two multiples of it. What was gathered is worth it if enough dead bytes go
 * with it, or if enough extents become one.
 */
final class FilePlans {

  /** Parts of one new chunk: relocating them is one command, which others wait for. */
  static final int MOST_PARTS = 2048;

  /** Extents that become one with their predecessor; what makes a new chunk worth it. */
  static final int LEAST_JOINED = 16;

  /** Dead bytes that go. */
  static final int LEAST_FREED = 4096;

  private static final int MOST_CHUNKS = 1 << 16;

  /** What the file covers of a chunk. */
  private static final class Use {
    private int extents;
    private long bytes;
    private boolean own;
    private long dead;

    /** Dead bytes that go with so many of those that are covered. */
    double freedBy(long covered) {
      return (double) dead * covered / bytes;
    }
  }

  private final CompactionSettings settings;
  private final MetadataView view;
  private final Inode inode;
  private final int most;
  private final Map<Long, Use> uses = new HashMap<>();
  private final List<Plan> plans = new ArrayList<>();

  // What is gathered for the plan that is being made.
  private final List<ExtentRow> gathered = new ArrayList<>();
  private long gatheredBytes;
  private double freed;
  private int joined;

  private FilePlans(CompactionSettings settings, MetadataView view, Inode inode, int most) {
    this.settings = settings;
    this.view = view;
    this.inode = inode;
    this.most = most;
  }

  /**
   * Answers what is worth it, in the order of the file.
   *
   * @param most plans to make
   */
  static List<Plan> of(CompactionSettings settings, MetadataView view, Inode inode, int most) {
    FilePlans plans = new FilePlans(settings, view, inode, most);
    plans.addUp();
    plans.gather();
    return plans.plans;
  }

  private void addUp() {
    try (ExtentCursor extents = view.extents(inode.getExtentMap())) {
      for (ExtentRow e = extents.firstEndingBehind(0); e != null; e = extents.next()) {
        Use use = uses.get(e.chunk());
        if (use == null && uses.size() < MOST_CHUNKS) {
          use = new Use();
          uses.put(e.chunk(), use);
        }
        if (use != null) {
          use.extents++;
          use.bytes += e.length();
        }
      }
    }
    uses.forEach(this::judge);
  }

  private void judge(long chunk, Use use) {
    ChunkRow row = view.chunk(chunk);
    use.own = row != null && row.sealed() && row.references() == use.extents;
    long dead = use.own ? row.length() - use.bytes : 0;
    boolean wasteful = dead > 0 && dead * 100 >= (long) row.length() * settings.deadPercent();
    use.dead = wasteful ? dead : 0;
  }

  private void gather() {
    try (ExtentCursor extents = view.extents(inode.getExtentMap())) {
      ExtentRow before = null;
      ExtentRow at = extents.firstEndingBehind(0);
      while (at != null && plans.size() < most) {
        ExtentRow after = extents.next();
        if (isWasteful(at) || (isShort(at) && (adjoins(before, at) || adjoins(at, after)))) {
          take(at);
        }
        before = at;
        at = after;
      }
    }
    if (plans.size() < most) {
      finish();
    }
  }

  private boolean isWasteful(ExtentRow extent) {
    Use use = uses.get(extent.chunk());
    return use != null && use.dead > 0;
  }

  private boolean isShort(ExtentRow extent) {
    Use use = uses.get(extent.chunk());
    return use != null && use.own && extent.length() < settings.extentBytes();
  }

  /** Whether two extents of the file, both to be taken, lie one behind the other in one slot. */
  private boolean adjoins(ExtentRow some, ExtentRow next) {
    return some != null
        && next != null
        && some.end() == next.start()
        && slot(some) == slot(next)
        && (isWasteful(some) || isShort(some))
        && (isWasteful(next) || isShort(next));
  }

  private long slot(ExtentRow extent) {
    return extent.start() / inode.getAttributes().getChunkSize();
  }

  private void take(ExtentRow extent) {
    ExtentRow last = gathered.isEmpty() ? null : gathered.get(gathered.size() - 1);
    boolean full =
        gathered.size() == MOST_PARTS
            || gatheredBytes + extent.length() > inode.getAttributes().getChunkSize();
    if (last != null && (full || slot(last) != slot(extent))) {
      finish();
      last = null;
    }
    gathered.add(extent);
    gatheredBytes += extent.length();
    freed += uses.get(extent.chunk()).freedBy(extent.length());
    joined += last != null && last.end() == extent.start() ? 1 : 0;
  }

  /** Makes a plan of what is gathered, if it is worth it. */
  private void finish() {
    if (freed >= LEAST_FREED || joined >= LEAST_JOINED) {
      plans.add(
          new Plan(
              inode.getAttributes().getInode(),
              inode.getExtentMap(),
              inode.getAttributes().getReplicas(),
              List.copyOf(gathered)));
    }
    gathered.clear();
    gatheredBytes = 0;
    freed = 0;
    joined = 0;
  }
}
