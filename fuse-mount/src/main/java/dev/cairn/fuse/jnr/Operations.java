package dev.cairn.fuse.jnr;

import com.kenai.jffi.MemoryIO;
import dev.cairn.rpc.Check;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.struct.FuseOperations;

/**
 * {@code struct fuse_operations} with the callbacks in it. Its layout is jnr-fuse's FuseOperations;
 * the pointers are written to where that has its members, since its own callback types are not used
 * (see {@link Callbacks}). What is not set, libfuse and the kernel do by themselves: access is
 * checked by {@code default_permissions}; locks are the kernel's where the Vfs does not share them.
 *
 * <p>jffi refers to callbacks weakly: this object must live as long as libfuse may call them.
 */
final class Operations {

  // Bits of the word of flags behind the member bmap (fuse.h). jnr-fuse makes bytes of them.
  private static final int FLAG_NULLPATH_OK = 1;
  private static final int FLAG_NOPATH = 1 << 1;
  private static final int FLAG_UTIME_OMIT_OK = 1 << 2;

  private final Runtime runtime = Runtime.getSystemRuntime();
  private final FuseOperations members = new FuseOperations(runtime);
  private final Pointer memory;
  private final List<Object> callbacks = new ArrayList<>();
  private final Guard guard;

  Operations(
      Guard guard,
      NameCalls names,
      AttributeCalls attributes,
      FileCalls files,
      DirectoryCalls directories,
      XattrCalls xattrs,
      LockCalls locks) {
    this.guard = guard;
    this.memory = runtime.getMemoryManager().allocateDirect(Struct.size(members), true);
    setNames(names);
    setAttributes(attributes);
    setFiles(files);
    setDirectories(directories);
    setXattrs(xattrs);
    if (locks.areShared()) {
      setLocks(locks);
    }
    setFlags();
  }

  /** What was asked for. */
  dev.cairn.rpc.metrics.Operations metered() {
    return guard.operations();
  }

  long address() {
    return memory.address();
  }

  long size() {
    return Struct.size(members);
  }

  private void setNames(NameCalls calls) {
    set(
        members.mknod.offset(),
        Callbacks.LIL.class,
        (path, mode, device) -> guard.run("mknod", () -> calls.makeNode(path, mode, device)));
    set(
        members.mkdir.offset(),
        Callbacks.LI.class,
        (path, mode) -> guard.run("mkdir", () -> calls.makeDirectory(path, mode)));
    set(
        members.symlink.offset(),
        Callbacks.LL.class,
        (target, path) -> guard.run("symlink", () -> calls.symlink(target, path)));
    set(
        members.link.offset(),
        Callbacks.LL.class,
        (path, newPath) -> guard.run("link", () -> calls.link(path, newPath)));
    set(
        members.readlink.offset(),
        Callbacks.LLL.class,
        (path, into, size) -> guard.run("readlink", () -> calls.readLink(path, into, size)));
    set(
        members.unlink.offset(),
        Callbacks.L.class,
        path -> guard.run("unlink", () -> calls.unlink(path)));
    set(
        members.rmdir.offset(),
        Callbacks.L.class,
        path -> guard.run("rmdir", () -> calls.removeDirectory(path)));
    set(
        members.rename.offset(),
        Callbacks.LL.class,
        (from, to) -> guard.run("rename", () -> calls.rename(from, to)));
  }

  private void setAttributes(AttributeCalls calls) {
    set(
        members.getattr.offset(),
        Callbacks.LL.class,
        (path, stat) -> guard.run("getattr", () -> calls.getAttributes(path, stat)));
    set(
        members.fgetattr.offset(),
        Callbacks.LLL.class,
        (path, stat, file) -> guard.run("fgetattr", () -> calls.getOpenAttributes(stat, file)));
    set(
        members.chmod.offset(),
        Callbacks.LI.class,
        (path, mode) -> guard.run("chmod", () -> calls.changeMode(path, mode)));
    set(
        members.chown.offset(),
        Callbacks.LII.class,
        (path, uid, gid) -> guard.run("chown", () -> calls.changeOwner(path, uid, gid)));
    set(
        members.truncate.offset(),
        Callbacks.LL.class,
        (path, size) -> guard.run("truncate", () -> calls.truncate(path, size)));
    set(
        members.ftruncate.offset(),
        Callbacks.LLL.class,
        (path, size, file) -> guard.run("ftruncate", () -> calls.truncateOpen(size, file)));
    set(
        members.utimens.offset(),
        Callbacks.LL.class,
        (path, times) -> guard.run("utimens", () -> calls.changeTimes(path, times)));
    set(
        members.statfs.offset(),
        Callbacks.LL.class,
        (path, stat) -> guard.run("statfs", () -> calls.statFilesystem(stat)));
  }

  private void setFiles(FileCalls calls) {
    set(
        members.create.offset(),
        Callbacks.LIL.class,
        (path, mode, file) -> guard.run("create", () -> calls.create(path, mode, file)));
    set(
        members.open.offset(),
        Callbacks.LL.class,
        (path, file) -> guard.run("open", () -> calls.open(path, file)));
    set(
        members.read.offset(),
        Callbacks.LLLLL.class,
        (path, into, size, offset, file) ->
            guard.run("read", () -> calls.read(into, Math.toIntExact(size), offset, file)));
    set(
        members.write.offset(),
        Callbacks.LLLLL.class,
        (path, from, size, offset, file) ->
            guard.run("write", () -> calls.write(from, Math.toIntExact(size), offset, file)));
    set(
        members.flush.offset(),
        Callbacks.LL.class,
        (path, file) -> guard.run("flush", () -> calls.flush(file)));
    set(
        members.fsync.offset(),
        Callbacks.LIL.class,
        (path, dataOnly, file) -> guard.run("fsync", () -> calls.fsync(file)));
    set(
        members.release.offset(),
        Callbacks.LL.class,
        (path, file) -> guard.run("release", () -> calls.release(file)));
    set(
        members.fallocate.offset(),
        Callbacks.LILLL.class,
        (path, mode, offset, length, file) ->
            guard.run("fallocate", () -> calls.allocate(mode, offset, length, file)));
  }

  private void setDirectories(DirectoryCalls calls) {
    set(
        members.opendir.offset(),
        Callbacks.LL.class,
        (path, file) -> guard.run("opendir", () -> calls.open(path, file)));
    set(
        members.readdir.offset(),
        Callbacks.LLLLL.class,
        (path, buffer, fill, cookie, file) ->
            guard.run("readdir", () -> calls.read(buffer, fill, cookie, file)));
    set(
        members.fsyncdir.offset(),
        Callbacks.LIL.class,
        (path, dataOnly, file) -> guard.run("fsyncdir", () -> calls.fsync(file)));
    set(
        members.releasedir.offset(),
        Callbacks.LL.class,
        (path, file) -> guard.run("releasedir", () -> calls.release(file)));
  }

  private void setXattrs(XattrCalls calls) {
    set(
        members.getxattr.offset(),
        Callbacks.LLLL.class,
        (path, name, into, size) -> guard.run("getxattr", () -> calls.get(path, name, into, size)));
    set(
        members.listxattr.offset(),
        Callbacks.LLL.class,
        (path, into, size) -> guard.run("listxattr", () -> calls.list(path, into, size)));
    set(
        members.setxattr.offset(),
        Callbacks.LLLLI.class,
        (path, name, from, size, flags) ->
            guard.run("setxattr", () -> calls.set(path, name, from, size, flags)));
    set(
        members.removexattr.offset(),
        Callbacks.LL.class,
        (path, name) -> guard.run("removexattr", () -> calls.remove(path, name)));
  }

  private void setLocks(LockCalls calls) {
    set(
        members.flock.offset(),
        Callbacks.LLI.class,
        (path, file, operation) -> guard.run("flock", () -> calls.flock(file, operation)));
    set(
        members.lock.offset(),
        Callbacks.LLIL.class,
        (path, file, command, lock) -> guard.run("lock", () -> calls.range(file, command, lock)));
  }

  private <T> void set(long offset, Class<T> type, T callback) {
    callbacks.add(callback);
    memory.putPointer(offset, runtime.getClosureManager().getClosurePointer(type, callback));
  }

  /**
   * Paths are not wanted where there is a file handle, and times may be left out or be now. Without
   * the last, touch -a would change both times.
   */
  private void setFlags() {
    long offset = members.bmap.offset() + Long.BYTES;
    Check.that(
        offset + Long.BYTES == members.ioctl.offset(),
        "struct fuse_operations has %s bytes between bmap and ioctl",
        members.ioctl.offset() - members.bmap.offset());
    MemoryIO.getInstance()
        .putInt(address() + offset, FLAG_NULLPATH_OK | FLAG_NOPATH | FLAG_UTIME_OMIT_OK);
  }
}
