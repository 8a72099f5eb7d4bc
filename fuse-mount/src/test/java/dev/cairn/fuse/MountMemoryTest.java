package dev.cairn.fuse;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.ClientSettings;
import dev.cairn.fuse.kernel.KernelBinding;
import dev.cairn.rpc.error.CairnException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MountMemoryTest {

  /** What the launcher gives a mount. */
  private static final long LAUNCHER_BYTES = 320L << 20;

  private static MountSettings fitted(int threads, long limitBytes) throws CairnException {
    MountSettings settings =
        new MountSettings(Path.of("/mnt"), "cairn:a:1", true, false, threads, 0);
    return MountMemory.fitted(new KernelBinding(), settings, ClientSettings.forMount(), limitBytes);
  }

  @Test
  void everyNumberOfThreads_fitsIntoTheMemoryThatTheLauncherGives() throws CairnException {
    long spareBytes = fitted(1, LAUNCHER_BYTES).spareBytes();
    assertTrue(spareBytes > fitted(128, LAUNCHER_BYTES).spareBytes());
    assertTrue(spareBytes > 128 << 20, "for writes that wait: " + spareBytes);
  }

  @Test
  void moreThreadsThanThereIsMemoryFor_areRefusedWithWhatToDo() {
    CairnException e = assertThrows(CairnException.class, () -> fitted(128, 192L << 20));
    assertTrue(e.getMessage().contains("fewer --threads"), e.getMessage());
    assertTrue(e.getMessage().contains("192 MiB"), e.getMessage());
  }
}
