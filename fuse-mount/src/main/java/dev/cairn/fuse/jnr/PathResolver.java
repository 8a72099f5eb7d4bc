package dev.cairn.fuse.jnr;

import com.google.protobuf.ByteString;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.jnr.NameCache.Target;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.util.List;

/**
 * Finds inodes by path: walks the components along, asking the filesystem for those that the cache
 * does not know.
 */
final class PathResolver {

  private final Vfs vfs;
  private final Answers answers;
  private final NameCache cache;
  private final HiddenFiles hidden;

  PathResolver(Vfs vfs, Answers answers, NameCache cache, HiddenFiles hidden) {
    this.vfs = vfs;
    this.answers = answers;
    this.cache = cache;
    this.hidden = hidden;
  }

  /** The inode at the path. */
  long inode(FusePath path) throws CairnException {
    return walk(path.names());
  }

  /** The directory and the name in it that the path ends with; the name need not exist. */
  Place place(FusePath path) throws CairnException {
    List<ByteString> names = path.names();
    if (names.isEmpty()) {
      throw ErrorCode.BUSY.because("the root of a mount has no name");
    }
    int last = names.size() - 1;
    return new Place(walk(names.subList(0, last)), names.get(last));
  }

  /** The inode at a place. */
  long inode(Place place) throws CairnException {
    return step(place);
  }

  /** The attributes of what the path's last name points at now. */
  Attributes lookup(FusePath path) throws CairnException {
    if (path.names().isEmpty()) {
      return answers.await(vfs.getAttributes(Vfs.ROOT));
    }
    Place place = place(path);
    Long hiddenInode = hidden.inode(place);
    return hiddenInode == null ? ask(place) : answers.await(vfs.getAttributes(hiddenInode));
  }

  /** Whether the path is one that libfuse made up for a file without a name. */
  boolean isHidden(FusePath path) throws CairnException {
    List<ByteString> names = path.names();
    return !names.isEmpty()
        && HiddenFiles.looksHidden(names.get(names.size() - 1))
        && hidden.inode(place(path)) != null;
  }

  private long walk(List<ByteString> names) throws CairnException {
    long inode = Vfs.ROOT;
    for (ByteString name : names) {
      inode = step(new Place(inode, name));
    }
    return inode;
  }

  private long step(Place place) throws CairnException {
    Long hiddenInode = hidden.inode(place);
    if (hiddenInode != null) {
      return hiddenInode;
    }
    Target known = cache.get(place);
    return known == null ? ask(place).getInode() : known.inode();
  }

  private Attributes ask(Place place) throws CairnException {
    NameCache.Stamp stamp = cache.stamp(place.parent());
    Attributes attributes;
    try {
      attributes = answers.await(vfs.lookup(place.parent(), place.name()));
    } catch (CairnException e) {
      cache.forget(place);
      throw e;
    }
    cache.found(place, target(attributes), stamp);
    return attributes;
  }

  static Target target(Attributes attributes) {
    return new Target(attributes.getInode(), attributes.getType() == FileType.DIRECTORY);
  }
}
