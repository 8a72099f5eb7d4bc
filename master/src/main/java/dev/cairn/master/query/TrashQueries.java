package dev.cairn.master.query;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Trashed;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Snapshot;
import dev.cairn.master.store.Store;
import dev.cairn.rpc.PathComponents;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.FindTrashReply;
import dev.cairn.rpc.proto.FindTrashRequest;
import dev.cairn.rpc.proto.ListTrashReply;
import dev.cairn.rpc.proto.ListTrashRequest;
import dev.cairn.rpc.proto.TrashEntry;
import java.util.List;

/** What is in the trash. */
public final class TrashQueries {

  private static final int MOST_ENTRIES = 1000;
  private static final int MOST_LOOKED_AT = 10_000;
  private static final byte SLASH = '/';

  private final Store store;

  public TrashQueries(Store store) {
    this.store = store;
  }

  public ListTrashReply list(ListTrashRequest request) {
    int limit = request.getLimit() <= 0 ? MOST_ENTRIES : Math.min(request.getLimit(), MOST_ENTRIES);
    ByteString below = join(PathComponents.of(request.getPath()));
    try (Snapshot snapshot = store.snapshot()) {
      MetadataView view = new MetadataView(snapshot);
      Paths paths = new Paths(view);
      ListTrashReply.Builder reply = ListTrashReply.newBuilder().setEnd(true);
      int[] looked = {0};
      view.trashFrom(
          request.getAfterUntil(),
          request.getAfterInode() + 1,
          (until, number) -> {
            if (reply.getEntriesCount() == limit || looked[0] == MOST_LOOKED_AT) {
              reply.setEnd(false);
              return false;
            }
            looked[0]++;
            reply.setNextUntil(until).setNextInode(number);
            Inode inode = view.inode(number);
            long directory = inode.getTrashed().getParent();
            long wanted = request.getBelowInode();
            if (wanted == 0 || paths.leadsThrough(directory, wanted)) {
              TrashEntry entry = entry(inode, paths);
              if (isAtOrBelow(entry.getPath(), below)) {
                reply.addEntries(entry);
              }
            }
            return true;
          });
      return reply.build();
    }
  }

  private static boolean isAtOrBelow(ByteString path, ByteString directory) {
    return path.startsWith(directory)
        && (path.size() == directory.size() || path.byteAt(directory.size()) == SLASH);
  }

  private static TrashEntry entry(Inode inode, Paths paths) {
    Trashed trashed = inode.getTrashed();
    return TrashEntry.newBuilder()
        .setAttributes(inode.getAttributes())
        .setPath(paths.of(trashed.getParent(), trashed.getName()))
        .setDeletedAt(trashed.getSince())
        .setKeptUntil(trashed.getUntil())
        .setBytes(trashed.getBytes())
        .build();
  }

  public FindTrashReply find(FindTrashRequest request) {
    List<ByteString> components = PathComponents.of(request.getPath());
    try (Snapshot snapshot = store.snapshot()) {
      MetadataView view = new MetadataView(snapshot);
      if (components.isEmpty()) {
        return FindTrashReply.newBuilder()
            .setInode(MetadataView.ROOT)
            .setType(FileType.DIRECTORY)
            .build();
      }
      return find(view, MetadataView.ROOT, components);
    }
  }

  /** Goes by living directories first, and by deleted ones where those do not lead there. */
  private static FindTrashReply find(
      MetadataView view, long directory, List<ByteString> components) {
    ByteString name = components.get(0);
    Dentry living = view.dentry(directory, name);
    long last = view.lastTrashed(directory, name);
    if (components.size() > 1) {
      List<ByteString> rest = components.subList(1, components.size());
      FindTrashReply found = FindTrashReply.getDefaultInstance();
      if (living != null && living.getType() == FileType.DIRECTORY) {
        found = find(view, living.getInode(), rest);
      }
      boolean nothing = found.getInode() == 0 && !found.hasEntry();
      return nothing && last != 0 ? find(view, last, rest) : found;
    }
    FindTrashReply.Builder reply = FindTrashReply.newBuilder();
    if (living != null) {
      reply.setInode(living.getInode()).setType(living.getType());
    }
    if (last != 0) {
      reply.setEntry(entry(view.inode(last), new Paths(view)));
    }
    return reply.build();
  }

  /** A slash before each: empty for the root. */
  private static ByteString join(List<ByteString> components) {
    ByteString slash = ByteString.copyFrom(new byte[] {SLASH});
    ByteString path = ByteString.EMPTY;
    for (ByteString component : components) {
      path = path.concat(slash).concat(component);
    }
    return path;
  }
}
