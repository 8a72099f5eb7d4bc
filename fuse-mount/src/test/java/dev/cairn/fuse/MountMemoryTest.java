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

  private static void check(int threads, long limitBytes) throws CairnException {
    MountSettings settings =
        new MountSettings(Path.of("/mnt"), "cairn:a:1", true, false, threads, 0);
    MountMemory.check(new KernelBinding(), settings, ClientSettings.forMount(), limitBytes);
  }

  @Test
  void everyNumberOfThreads_fitsIntoTheMemoryThatTheLauncherGives() throws CairnException {
    check(1, LAUNCHER_BYTES);
    check(128, LAUNCHER_BYTES);
  }

  @Test
  void moreThreadsThanThereIsMemoryFor_areRefusedWithWhatToDo() {
    CairnException e = assertThrows(CairnException.class, () -> check(128, 192L << 20));
    assertTrue(e.getMessage().contains("fewer --threads"), e.getMessage());
    assertTrue(e.getMessage().contains("192 MiB"), e.getMessage());
  }
}
