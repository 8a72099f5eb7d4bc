package dev.cairn.fuse.jnr;

import com.google.protobuf.ByteString;
import com.kenai.jffi.MemoryIO;
import java.util.ArrayList;
import java.util.List;

/**
 * A path as libfuse 2 names files: bytes, beginning with a slash at the mount's root, without "."
 * and "..".
 */
record FusePath(ByteString bytes) {

  private static final MemoryIO MEMORY = MemoryIO.getInstance();

  /** The path at an address, up to the NUL. */
  static FusePath at(long address) {
    return new FusePath(bytesAt(address));
  }

  /** Any string at an address, up to the NUL. */
  static ByteString bytesAt(long address) {
    return ByteString.copyFrom(MEMORY.getZeroTerminatedByteArray(address));
  }

  /** The names to walk along from the root; none for the root itself. */
  List<ByteString> names() {
    List<ByteString> names = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= bytes.size(); i++) {
      if (i == bytes.size() || bytes.byteAt(i) == '/') {
        if (i > from) {
          names.add(ByteString.copyFrom(bytes.substring(from, i).asReadOnlyByteBuffer()));
        }
        from = i + 1;
      }
    }
    return names;
  }

  @Override
  public String toString() {
    return bytes.toStringUtf8();
  }
}
