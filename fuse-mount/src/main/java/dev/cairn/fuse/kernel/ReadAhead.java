package dev.cairn.fuse.kernel;

import dev.cairn.client.local.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the kernel reads ahead. INIT can only lower it from 128 KiB (process_init_reply in
 * fs/fuse/inode.c), so that no request would ask for more; root can raise it in sysfs.
 */
final class ReadAhead {

  private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);
  private static final int KIBIBYTES = 4096;

  private ReadAhead() {}

  static void raise(Path mountPoint) {
    try {
      var mount = MountTable.read().at(mountPoint);
      if (mount.isPresent()) {
        Path setting = Path.of("/sys/class/bdi", mount.get().device(), "read_ahead_kb");
        Files.writeString(setting, Integer.toString(KIBIBYTES));
      }
    } catch (IOException e) {
      LOG.info("sequential reads stay at 128 KiB a request: cannot set {}", e.getMessage());
    }
  }
}
