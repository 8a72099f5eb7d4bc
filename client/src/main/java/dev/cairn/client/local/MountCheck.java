package dev.cairn.client.local;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What a mount needs of this machine. */
public final class MountCheck {

  private static final Path DEVICE = Path.of("/dev/fuse");
  private static final String INSTEAD = "; 'cairn up --no-mount' starts the cluster without";

  private MountCheck() {}

  /** Fails with one sentence that says what is missing. */
  public static void check(boolean isRoot) throws CairnException {
    if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")) {
      return;
    }
    if (!Files.exists(DEVICE)) {
      throw ErrorCode.NOT_SUPPORTED.because(
          "there is no /dev/fuse, which a mount needs (try 'modprobe fuse', or in a container"
              + " '--device /dev/fuse --cap-add SYS_ADMIN')"
              + INSTEAD);
    }
    if (!Files.isReadable(DEVICE) || !Files.isWritable(DEVICE)) {
      throw ErrorCode.ACCESS_DENIED.because(
          "this user may not open /dev/fuse, which a mount needs (as root: 'chmod 666 /dev/fuse')"
              + INSTEAD);
    }
    if (!isRoot && !Launcher.isOnPath("fusermount3")) {
      throw ErrorCode.NOT_PERMITTED.because(
          "only root mounts without fusermount3, which is not installed (package fuse3)" + INSTEAD);
    }
  }
}
