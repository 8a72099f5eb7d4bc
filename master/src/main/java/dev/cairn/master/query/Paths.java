package dev.cairn.master.query;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.state.MetadataView;
import java.util.HashMap;
import java.util.Map;

/**
 * The paths of directories, deleted ones among them, by the present names of those above. Remembers
 * each it was asked for: for one answer, on one snapshot.
 */
public final class Paths {

  private static final ByteString SLASH = ByteString.copyFromUtf8("/");
  private static final ByteString UNKNOWN = ByteString.copyFromUtf8("?");

  private final MetadataView view;
  private final Map<Long, ByteString> paths = new HashMap<>();

  public Paths(MetadataView view) {
    this.view = view;
    paths.put(MetadataView.ROOT, ByteString.EMPTY);
  }

  /** The path of an entry, beginning with a slash, or with "?" where a directory is not there. */
  public ByteString of(long directory, ByteString name) {
    return of(directory).concat(SLASH).concat(name);
  }

  /** The path of a directory: empty for the root. */
  ByteString of(long directory) {
    ByteString known = paths.get(directory);
    if (known == null) {
      Inode inode = view.inode(directory);
      known = inode == null ? UNKNOWN : of(parent(inode), name(inode));
      paths.put(directory, known);
    }
    return known;
  }

  /** Whether the way from the root to a directory leads through (or ends at) another. */
  boolean leadsThrough(long directory, long other) {
    long at = directory;
    while (at != other && at != MetadataView.ROOT) {
      Inode inode = view.inode(at);
      if (inode == null) {
        return false;
      }
      at = parent(inode);
    }
    return at == other;
  }

  private static long parent(Inode directory) {
    return directory.hasTrashed() ? directory.getTrashed().getParent() : directory.getParent();
  }

  private ByteString name(Inode directory) {
    if (directory.hasTrashed()) {
      return directory.getTrashed().getName();
    }
    return directory.getName().isEmpty() ? searchedName(directory) : directory.getName();
  }

  /** The name of a directory that was made before directories knew theirs. */
  private ByteString searchedName(Inode directory) {
    ByteString[] found = {UNKNOWN};
    long number = directory.getAttributes().getInode();
    view.dentries(
        directory.getParent(),
        dentry -> {
          boolean here = dentry.getInode() == number;
          found[0] = here ? dentry.getName() : found[0];
          return !here;
        });
    return found[0];
  }
}
