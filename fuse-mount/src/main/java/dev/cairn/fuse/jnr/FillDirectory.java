package dev.cairn.fuse.jnr;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import dev.cairn.client.vfs.Vfs.DirectoryEntry;

/**
 * Calls {@code fuse_fill_dir_t}, the function that libfuse passes to readdir: {@code int (*)(void
 * *buffer, const char *name, const struct stat *, off_t cookie)}. Used by one call of readdir.
 */
final class FillDirectory implements AutoCloseable {

  private static final int NAME_BYTES = 256;
  private static final MemoryIO MEMORY = MemoryIO.getInstance();
  private static final CallContext SIGNATURE =
      CallContext.getCallContext(
          Type.SINT32,
          new Type[] {Type.POINTER, Type.POINTER, Type.POINTER, Type.SINT64},
          CallingConvention.DEFAULT,
          false);

  private final long function;
  private final long buffer;
  private final long name;
  private final long stat;

  FillDirectory(long function, long buffer) {
    this.function = function;
    this.buffer = buffer;
    this.name = MEMORY.allocateMemory(NAME_BYTES + Stat.size(), true);
    this.stat = name + NAME_BYTES;
  }

  /** Answers whether there was no room for the entry. */
  boolean isFullFor(DirectoryEntry entry) {
    byte[] bytes = entry.name().toByteArray();
    MEMORY.putZeroTerminatedByteArray(name, bytes, 0, Math.min(bytes.length, NAME_BYTES - 1));
    Stat.writeEntry(stat, entry.inode(), entry.type());
    Invoker invoker = Invoker.getInstance();
    return (int) invoker.invokeN4(SIGNATURE, function, buffer, name, stat, entry.cookie()) != 0;
  }

  @Override
  public void close() {
    MEMORY.freeMemory(name);
  }
}
