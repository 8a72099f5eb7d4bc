package dev.cairn.fuse.kernel;

import dev.cairn.fuse.MountSettings;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.nio.file.Path;
import java.util.Map;

/** Mounts by mount(2), which takes CAP_SYS_ADMIN. */
final class RootMounter implements Mounter {

  private static final String TYPE = "fuse.cairn";

  // open(2)
  private static final int O_RDWR = 02;
  private static final int O_CLOEXEC = 02000000;

  // mount(2): <linux/mount.h>
  private static final long MS_RDONLY = 1;
  private static final long MS_NOSUID = 2;
  private static final long MS_NODEV = 4;
  private static final Map<String, Long> FLAGS =
      Map.of(
          "noexec", 8L,
          "sync", 16L,
          "dirsync", 128L,
          "nosymfollow", 256L,
          "noatime", 1L << 10,
          "relatime", 1L << 21,
          "lazytime", 1L << 25);

  // umount2(2)
  private static final int MNT_FORCE = 1;
  private static final int MNT_DETACH = 2;

  @Override
  public Device mount(MountSettings settings) throws CairnException {
    int fd = LibC.INSTANCE.open(Device.PATH, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
      throw ErrorCode.ACCESS_DENIED.because(
          "cannot open " + Device.PATH + ": " + Errno.name(Errno.last()));
    }
    Device device = new Device(fd);
    int result =
        LibC.INSTANCE.mount(
            settings.source(),
            settings.mountPoint().toString(),
            TYPE,
            flags(settings),
            "fd="
                + fd
                + ",rootmode=40000,user_id=0,group_id=0,"
                + MountData.of(settings.allowOther()));
    if (result != 0) {
      int errno = Errno.last();
      device.close();
      throw refusal(settings, errno);
    }
    return device;
  }

  private static long flags(MountSettings settings) {
    long flags = settings.readOnly() ? MS_RDONLY : 0;
    flags |= settings.flags().contains("suid") ? 0 : MS_NOSUID;
    flags |= settings.flags().contains("dev") ? 0 : MS_NODEV;
    for (String name : settings.flags()) {
      flags |= FLAGS.getOrDefault(name, 0L);
    }
    return flags;
  }

  private static CairnException refusal(MountSettings settings, int errno) {
    String hint =
        errno == Errno.EPERM ? "; mounting takes root with the capability CAP_SYS_ADMIN" : "";
    return ErrorCode.NOT_PERMITTED.because(
        "the kernel does not mount at " + settings.mountPoint() + ": " + Errno.name(errno) + hint);
  }

  @Override
  public boolean unmount(Path mountPoint) throws CairnException {
    return umount(mountPoint, 0);
  }

  /** Aborts the connection, too (fuse_umount_begin in fs/fuse/inode.c): all waiting ends. */
  @Override
  public void detach(Path mountPoint) throws CairnException {
    umount(mountPoint, MNT_FORCE | MNT_DETACH);
  }

  private static boolean umount(Path mountPoint, int flags) throws CairnException {
    if (LibC.INSTANCE.umount2(mountPoint.toString(), flags) == 0) {
      return true;
    }
    int errno = Errno.last();
    // EINVAL: it is no mount any more, which is what was asked for.
    if (errno == Errno.EBUSY || errno == Errno.EINVAL) {
      return errno == Errno.EINVAL;
    }
    throw ErrorCode.IO.because("cannot unmount " + mountPoint + ": " + Errno.name(errno));
  }
}
