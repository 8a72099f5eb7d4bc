package dev.cairn.chunkserver.store;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How many files and connections this process may have open. */
public final class Descriptors {

  // The usual limit of a system where nobody set another one.
  private static final long USUAL = 1024;

  private Descriptors() {}

  /** The limit of the process, which the JVM raises to the hard one. */
  public static long most() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : USUAL;
  }
}
