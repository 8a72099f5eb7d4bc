package dev.cairn.fuse.jnr;

import com.kenai.jffi.MemoryIO;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code struct fuse_args} (fuse_opt.h) with one {@code -o} list of options: int argc at 0, char
 * **argv at 8, int allocated at 16. libfuse replaces what argv points at, and frees that alone.
 */
final class Arguments implements AutoCloseable {

  private static final int STRUCT_BYTES = 24;
  private static final MemoryIO MEMORY = MemoryIO.getInstance();

  private final LibFuse2 lib;
  private final List<NativeString> strings = new ArrayList<>();
  private final List<Long> allocated = new ArrayList<>();
  private final long address;

  Arguments(LibFuse2 lib, List<String> options) {
    this.lib = lib;
    List<String> words = List.of("cairn", "-o", String.join(",", options));
    long vector = allocate((words.size() + 1) * Long.BYTES);
    for (int i = 0; i < words.size(); i++) {
      NativeString string = new NativeString(words.get(i));
      strings.add(string);
      MEMORY.putAddress(vector + (long) i * Long.BYTES, string.address());
    }
    this.address = allocate(STRUCT_BYTES);
    MEMORY.putInt(address, words.size());
    MEMORY.putAddress(address + Long.BYTES, vector);
  }

  long address() {
    return address;
  }

  /** A value that holds no comma of the list: libfuse knows the backslash. */
  static String escaped(String value) {
    return value.replace("\\", "\\\\").replace(",", "\\,");
  }

  private long allocate(int bytes) {
    long memory = MEMORY.allocateMemory(bytes, true);
    allocated.add(memory);
    return memory;
  }

  @Override
  public void close() {
    lib.fuse_opt_free_args(address);
    strings.forEach(NativeString::close);
    allocated.forEach(MEMORY::freeMemory);
  }
}
