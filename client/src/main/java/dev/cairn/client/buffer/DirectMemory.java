package dev.cairn.client.buffer;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;

/**
 * Memory outside of the heap. The JVM limits it ({@code -XX:MaxDirectMemorySize}), and a JVM that
 * exits when its heap is full does not exit when this memory is: the error belongs to the one
 * request that asked.
 */
public final class DirectMemory {

  private DirectMemory() {}

  /** Returns a new buffer, or throws {@code NO_MEMORY}. */
  public static ByteBuffer allocate(int bytes) throws CairnException {
    try {
      return ByteBuffer.allocateDirect(bytes);
    } catch (OutOfMemoryError e) {
      throw ErrorCode.NO_MEMORY.because(
          "no direct memory is left for a buffer of " + bytes + " bytes", e);
    }
  }

  /** Returns the most bytes this JVM allocates; {@code Long.MAX_VALUE} when it does not say. */
  public static long limitBytes() {
    HotSpotDiagnosticMXBean options =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    if (options == null) {
      return Long.MAX_VALUE;
    }
    long limit = Long.parseLong(options.getVMOption("MaxDirectMemorySize").getValue());
    // 0: as much as the heap may have (jdk.internal.misc.VM.saveProperties).
    return limit == 0 ? Runtime.getRuntime().maxMemory() : limit;
  }
}
