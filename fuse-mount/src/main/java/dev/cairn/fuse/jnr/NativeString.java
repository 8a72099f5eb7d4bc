package dev.cairn.fuse.jnr;

import com.kenai.jffi.MemoryIO;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** A string for C, as the C library and the kernel know file names, in memory of its own. */
final class NativeString implements AutoCloseable {

  private static final MemoryIO MEMORY = MemoryIO.getInstance();

  private final long address;

  NativeString(String text) {
    byte[] bytes = bytes(text);
    address = MEMORY.allocateMemory(bytes.length + 1, true);
    MEMORY.putByteArray(address, bytes, 0, bytes.length);
  }

  static byte[] bytes(String text) {
    String name = System.getProperty("sun.jnu.encoding");
    return text.getBytes(name == null ? StandardCharsets.UTF_8 : Charset.forName(name));
  }

  long address() {
    return address;
  }

  @Override
  public void close() {
    MEMORY.freeMemory(address);
  }
}
