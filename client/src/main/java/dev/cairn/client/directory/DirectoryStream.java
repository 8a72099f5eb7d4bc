package dev.cairn.client.directory;

import com.google.protobuf.ByteString;
import dev.cairn.client.master.Master;
import dev.cairn.client.vfs.Vfs.DirectoryEntry;
import dev.cairn.client.vfs.Vfs.Listing;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.ReadDirectoryReply;
import dev.cairn.rpc.proto.ReadDirectoryRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * One opened directory. Entries are numbered from 0: ".", "..", then the names. The page last
 * fetched is kept for as long as its attributes may be believed.
 */
public final class DirectoryStream {

  private static final int PAGE_ENTRIES = 1024;
  private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

  private final Master master;
  private final long inode;
  private final UnaryOperator<Attributes> visible;

  /** For the numbers pages began at: the name they began behind. */
  private final TreeMap<Long, ByteString> pages = new TreeMap<>(Map.of(0L, ByteString.EMPTY));

  private List<DirectoryEntry> page = List.of();
  private long pageStart;
  private boolean pageIsLast;
  private boolean pageHasAttributes;
  private long pageNanos;

  /**
   * Opens a directory.
   *
   * @param visible makes of the master's attributes those to be shown
   */
  public DirectoryStream(Master master, long inode, UnaryOperator<Attributes> visible) {
    this.master = master;
    this.inode = inode;
    this.visible = visible;
  }

  public long inode() {
    return inode;
  }

  /** The entries from that number on, at least one unless there are none. */
  public CompletableFuture<Listing> list(long from, boolean withAttributes) {
    long start;
    ByteString after;
    synchronized (this) {
      boolean usable =
          (pageHasAttributes || !withAttributes)
              && System.nanoTime() - pageNanos < FRESH_NANOS
              && from > 0;
      long index = from - pageStart;
      if (usable && index >= 0 && (index < page.size() || (index == page.size() && pageIsLast))) {
        return CompletableFuture.completedFuture(listing(from));
      }
      if (index > 0 && index <= page.size() && pageStart + index > 2) {
        pages.put(from, page.get((int) index - 1).name());
      }
      Map.Entry<Long, ByteString> known = pages.floorEntry(from);
      start = known.getKey();
      after = known.getValue();
    }
    ReadDirectoryRequest request =
        ReadDirectoryRequest.newBuilder()
            .setInode(inode)
            .setAfter(after)
            .setLimit(PAGE_ENTRIES)
            .setWithAttributes(withAttributes)
            .build();
    return master
        .readDirectory(request)
        .thenCompose(reply -> fetched(start, from, withAttributes, reply));
  }

  private CompletableFuture<Listing> fetched(
      long start, long from, boolean withAttributes, ReadDirectoryReply reply) {
    List<DirectoryEntry> entries = new ArrayList<>(reply.getEntriesCount() + 2);
    if (start == 0) {
      entries.add(dots(".", inode));
      entries.add(dots("..", reply.getParent()));
    }
    for (dev.cairn.rpc.proto.DirectoryEntry entry : reply.getEntriesList()) {
      Attributes attributes =
          withAttributes && entry.hasAttributes() ? visible.apply(entry.getAttributes()) : null;
      entries.add(
          new DirectoryEntry(entry.getName(), entry.getInode(), entry.getType(), attributes));
    }
    synchronized (this) {
      page = entries;
      pageStart = start;
      pageIsLast = reply.getEnd();
      pageHasAttributes = withAttributes;
      pageNanos = System.nanoTime();
      long end = start + entries.size();
      if (reply.getEntriesCount() > 0) {
        pages.put(end, entries.get(entries.size() - 1).name());
      }
      boolean wholePageBefore = from >= end && !pageIsLast && reply.getEntriesCount() > 0;
      if (!wholePageBefore) {
        return CompletableFuture.completedFuture(listing(from));
      }
    }
    return list(from, withAttributes);
  }

  private DirectoryEntry dots(String name, long target) {
    return new DirectoryEntry(ByteString.copyFromUtf8(name), target, FileType.DIRECTORY, null);
  }

  private Listing listing(long from) {
    int index = (int) Math.min(Math.max(0, from - pageStart), page.size());
    return new Listing(from, page.subList(index, page.size()), pageIsLast);
  }
}
