package dev.cairn.fuse;

import dev.cairn.client.ClientSettings;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;

/** The direct memory of a mount, which follows from its settings. */
final class MountMemory {

  private static final long MIB = 1 << 20;

  private MountMemory() {}

  /**
   * Returns the settings with the memory that is left over, for writes that wait for servers.
   * Refuses settings that need more direct memory than there is: such a mount would work until it
   * is busy.
   *
   * @param limitBytes what the JVM allocates at most
   */
  static MountSettings fitted(
      Binding binding, MountSettings settings, ClientSettings client, long limitBytes)
      throws CairnException {
    long needed = binding.directBytes(settings) + client.directBytes();
    if (needed > limitBytes) {
      long mebibytes = (needed + MIB - 1) / MIB;
      throw ErrorCode.NO_MEMORY.because(
          String.format(
              "a mount with %d threads needs up to %d MiB of direct memory, and this process may have"
                  + " %d MiB: choose fewer --threads, or set CAIRN_JAVA_OPTS=-XX:MaxDirectMemorySize=%dm",
              settings.threads(), mebibytes, limitBytes / MIB, mebibytes));
    }
    return settings.withSpareBytes(limitBytes - needed);
  }
}
