package dev.cairn.client.vfs;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/** An open directory: what it held when its listing was last begun. */
final class MemoryListing {

  private record Name(ByteString name, MemoryNode node) {}

  private final MemoryTree tree;
  private final MemoryNode directory;
  private List<Name> names = List.of();

  MemoryListing(MemoryTree tree, MemoryNode directory) {
    this.tree = tree;
    this.directory = directory;
  }

  MemoryNode directory() {
    return directory;
  }

  synchronized Vfs.Listing read(long cookie, int mostEntries, boolean withAttributes) {
    if (cookie == 0) {
      names = snapshot();
    }
    int from = (int) Math.min(cookie, names.size());
    int to = (int) Math.min((long) from + mostEntries, names.size());
    List<Vfs.DirectoryEntry> entries = new ArrayList<>(to - from);
    for (Name name : names.subList(from, to)) {
      MemoryNode node = name.node();
      entries.add(
          new Vfs.DirectoryEntry(
              name.name(), node.inode, node.type, withAttributes ? node.attributes() : null));
    }
    return new Vfs.Listing(from, entries, to == names.size());
  }

  private List<Name> snapshot() {
    synchronized (tree) {
      List<Name> all = new ArrayList<>(directory.entries.size() + 2);
      all.add(new Name(ByteString.copyFromUtf8("."), directory));
      all.add(new Name(ByteString.copyFromUtf8(".."), directory.parent));
      directory.entries.forEach((name, node) -> all.add(new Name(name, node)));
      return all;
    }
  }
}
