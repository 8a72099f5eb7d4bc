package dev.cairn.fuse.jnr;

import com.google.protobuf.ByteString;
import com.kenai.jffi.MemoryIO;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.jnr.NameCache.Target;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.Attributes;

/** The callbacks that make, move and remove names, and that read symbolic links. */
final class NameCalls {

  private static final int PERMISSIONS = 07777;
  private static final MemoryIO MEMORY = MemoryIO.getInstance();

  private final Vfs vfs;
  private final Answers answers;
  private final PathResolver paths;
  private final NameCache cache;
  private final HiddenFiles hidden;
  private final KeptPages pages;

  NameCalls(
      Vfs vfs,
      Answers answers,
      PathResolver paths,
      NameCache cache,
      HiddenFiles hidden,
      KeptPages pages) {
    this.vfs = vfs;
    this.answers = answers;
    this.paths = paths;
    this.cache = cache;
    this.hidden = hidden;
    this.pages = pages;
  }

  int makeNode(long path, int mode, long device) throws CairnException {
    Place place = paths.place(FusePath.at(path));
    return made(
        place,
        answers.await(
            vfs.makeNode(
                Request.current().caller(),
                place.parent(),
                place.name(),
                Stat.type(mode),
                mode & PERMISSIONS,
                (int) device)));
  }

  int makeDirectory(long path, int mode) throws CairnException {
    Place place = paths.place(FusePath.at(path));
    return made(
        place,
        answers.await(
            vfs.makeDirectory(
                Request.current().caller(), place.parent(), place.name(), mode & PERMISSIONS)));
  }

  int symlink(long target, long path) throws CairnException {
    Place place = paths.place(FusePath.at(path));
    return made(
        place,
        answers.await(
            vfs.symlink(
                Request.current().caller(),
                place.parent(),
                place.name(),
                FusePath.bytesAt(target))));
  }

  int link(long path, long newPath) throws CairnException {
    long inode = paths.inode(FusePath.at(path));
    Place place = paths.place(FusePath.at(newPath));
    return made(place, answers.await(vfs.link(inode, place.parent(), place.name())));
  }

  private int made(Place place, Attributes attributes) {
    cache.made(place, PathResolver.target(attributes));
    Request.current().result(attributes);
    return 0;
  }

  int readLink(long path, long into, long size) throws CairnException {
    ByteString target = answers.await(vfs.readSymlink(paths.inode(FusePath.at(path))));
    int length = (int) Math.min(target.size(), size - 1);
    MEMORY.putZeroTerminatedByteArray(into, target.toByteArray(), 0, length);
    return 0;
  }

  int unlink(long path) throws CairnException {
    FusePath name = FusePath.at(path);
    Place place = paths.place(name);
    if (!hidden.forget(place)) {
      remove(place);
    }
    pages.removed(name);
    return 0;
  }

  private void remove(Place place) throws CairnException {
    answers.await(vfs.unlink(place.parent(), place.name()));
    cache.removed(place);
  }

  int removeDirectory(long path) throws CairnException {
    Place place = paths.place(FusePath.at(path));
    answers.await(vfs.removeDirectory(place.parent(), place.name()));
    cache.removed(place);
    return 0;
  }

  int rename(long from, long to) throws CairnException {
    FusePath oldPath = FusePath.at(from);
    FusePath newPath = FusePath.at(to);
    Place oldPlace = paths.place(oldPath);
    Place newPlace = paths.place(newPath);
    if (isHiding(newPlace)) {
      return hide(oldPath, oldPlace, newPlace);
    }
    answers.await(
        vfs.rename(
            oldPlace.parent(), oldPlace.name(), newPlace.parent(), newPlace.name(), false, false));
    Target moved = cache.removed(oldPlace);
    cache.removed(newPlace);
    if (moved != null) {
      cache.made(newPlace, moved);
    }
    pages.renamed(oldPath, newPath, moved == null || moved.directory());
    return 0;
  }

  /** Whether libfuse made the new name up: the kernel's request does not name it. */
  private static boolean isHiding(Place newPlace) {
    return HiddenFiles.looksHidden(newPlace.name())
        && !newPlace.name().equals(Request.current().lastString());
  }

  private int hide(FusePath path, Place place, Place hiddenPlace) throws CairnException {
    long inode = paths.inode(place);
    if (Request.current().opcode() == Request.UNLINK) {
      remove(place);
    }
    hidden.hide(hiddenPlace, inode);
    pages.removed(path);
    return 0;
  }
}
