package dev.cairn.client.vfs;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.NamePlace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** An open directory, which lists in the order of places. */
final class MemoryListing {

  private final MemoryTree tree;
  private final MemoryNode directory;

  MemoryListing(MemoryTree tree, MemoryNode directory) {
    this.tree = tree;
    this.directory = directory;
  }

  MemoryNode directory() {
    return directory;
  }

  Vfs.Listing read(long cookie, int mostEntries, boolean withAttributes) {
    List<Vfs.DirectoryEntry> behind =
        all(withAttributes).stream()
            .filter(entry -> entry.cookie() > cookie)
            .sorted(Comparator.comparingLong(Vfs.DirectoryEntry::cookie))
            .toList();
    int taken = Math.min(mostEntries, behind.size());
    return new Vfs.Listing(behind.subList(0, taken), taken == behind.size());
  }

  private List<Vfs.DirectoryEntry> all(boolean withAttributes) {
    synchronized (tree) {
      List<Vfs.DirectoryEntry> all = new ArrayList<>(directory.entries.size() + 2);
      all.add(entry(ByteString.copyFromUtf8("."), 1, directory, withAttributes));
      all.add(entry(ByteString.copyFromUtf8(".."), 2, directory.parent, withAttributes));
      directory.entries.forEach(
          (name, node) -> all.add(entry(name, NamePlace.of(name), node, withAttributes)));
      return all;
    }
  }

  private static Vfs.DirectoryEntry entry(
      ByteString name, long cookie, MemoryNode node, boolean withAttributes) {
    return new Vfs.DirectoryEntry(
        name, node.inode, node.type, cookie, withAttributes ? node.attributes() : null);
  }
}
