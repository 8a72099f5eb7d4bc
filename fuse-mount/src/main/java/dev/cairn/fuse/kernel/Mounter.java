package dev.cairn.fuse.kernel;

import dev.cairn.fuse.MountSettings;
import dev.cairn.rpc.error.CairnException;
import java.nio.file.Path;

/** A way to put a filesystem into the kernel's tree and to take it out again. */
interface Mounter {

  /** Mounts; answers the connection, on which the kernel's INIT waits. */
  Device mount(MountSettings settings) throws CairnException;

  /** Unmounts what nobody uses; false when it is busy. */
  boolean unmount(Path mountPoint) throws CairnException;

  /**
   * Takes the mount out of sight even if it is busy or dead; its users get errors, at the latest
   * when this process ends.
   */
  void detach(Path mountPoint) throws CairnException;
}
