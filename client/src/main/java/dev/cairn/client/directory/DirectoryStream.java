package dev.cairn.client.directory;

import com.google.protobuf.ByteString;
import dev.cairn.client.vfs.Vfs.DirectoryEntry;
import dev.cairn.client.vfs.Vfs.Listing;
import dev.cairn.rpc.NamePlace;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.ReadDirectoryReply;
import dev.cairn.rpc.proto.ReadDirectoryRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * One opened directory. Nothing of its state is needed to go on from a cookie. The last page is
 * kept for as long as its attributes may be believed, since a kernel takes less than a page at a
 * time. Safe for any thread.
 */
public final class DirectoryStream {

  private static final int PAGE_ENTRIES = 1024;
  private static final long SELF = 1;
  private static final long PARENT = 2;

  private final Function<ReadDirectoryRequest, CompletableFuture<ReadDirectoryReply>> pages;
  private final long inode;
  private final UnaryOperator<Attributes> visible;
  private final LongSupplier nanoClock;

  private volatile Page last = Page.NONE;

  /**
   * Opens a directory.
   *
   * @param pages asks the master for a part of the listing
   * @param visible makes of the master's attributes those to be shown
   * @param nanoClock as {@link System#nanoTime}
   */
  public DirectoryStream(
      Function<ReadDirectoryRequest, CompletableFuture<ReadDirectoryReply>> pages,
      long inode,
      UnaryOperator<Attributes> visible,
      LongSupplier nanoClock) {
    this.pages = pages;
    this.inode = inode;
    this.visible = visible;
    this.nanoClock = nanoClock;
  }

  public long inode() {
    return inode;
  }

  /** The entries behind the cookie, at least one unless there are none. */
  public CompletableFuture<Listing> list(long cookie, boolean withAttributes) {
    Page page = last;
    // 0 is where rewinddir(3) begins: it shows the directory as it is now.
    if (cookie > 0 && page.serves(cookie, withAttributes, nanoClock.getAsLong())) {
      return CompletableFuture.completedFuture(page.behind(cookie));
    }
    ReadDirectoryRequest request =
        ReadDirectoryRequest.newBuilder()
            .setInode(inode)
            .setAfterPlace(cookie < NamePlace.FIRST ? 0 : cookie)
            .setLimit(PAGE_ENTRIES)
            .setWithAttributes(withAttributes)
            .build();
    return pages
        .apply(request)
        .thenApply(reply -> fetched(cookie, withAttributes, reply).behind(cookie));
  }

  private Page fetched(long cookie, boolean withAttributes, ReadDirectoryReply reply) {
    List<dev.cairn.rpc.proto.DirectoryEntry> names = reply.getEntriesList();
    long now = nanoClock.getAsLong();
    Page page = new Page(cookie, names.size() + 2, reply.getEnd(), withAttributes, now);
    if (cookie < NamePlace.FIRST) {
      page.add(SELF, dots(".", SELF, inode));
      page.add(PARENT, dots("..", PARENT, reply.getParent()));
    }
    for (int i = 0; i < names.size(); i++) {
      dev.cairn.rpc.proto.DirectoryEntry entry = names.get(i);
      long place = entry.getPlace();
      boolean shared = i + 1 < names.size() && names.get(i + 1).getPlace() == place;
      // Of names with one place only the last leads on; the others lead to all of them again.
      page.add(place, shown(entry, shared ? place - 1 : place, withAttributes));
    }
    last = page;
    return page;
  }

  private DirectoryEntry shown(
      dev.cairn.rpc.proto.DirectoryEntry entry, long cookie, boolean withAttributes) {
    Attributes attributes =
        withAttributes && entry.hasAttributes() ? visible.apply(entry.getAttributes()) : null;
    return new DirectoryEntry(
        entry.getName(), entry.getInode(), entry.getType(), cookie, attributes);
  }

  private static DirectoryEntry dots(String name, long cookie, long target) {
    return new DirectoryEntry(
        ByteString.copyFromUtf8(name), target, FileType.DIRECTORY, cookie, null);
  }
}
