package dev.cairn.fuse;

import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.metrics.Operations;

/** A way to connect a filesystem with a kernel. */
public interface Binding {

  /** A sentence that says why this binding cannot be used here; null when it can. */
  String whyNot();

  /** Direct memory that the binding takes at most, in bytes. */
  long directBytes(MountSettings settings);

  /**
   * Mounts the filesystem and serves it from threads of its own; when this returns, the mount point
   * shows the filesystem.
   *
   * @throws CairnException with a sentence that says why the mount failed
   */
  Mount mount(Vfs vfs, MountSettings settings) throws CairnException;

  /** A mount that is served. */
  interface Mount extends AutoCloseable {

    /** What the kernel has asked for. */
    Operations operations();

    /** Returns when the filesystem is no longer mounted, whoever unmounted it. */
    void awaitEnd() throws InterruptedException;

    /** Unmounts (lazily when it is busy) and ends the threads. Does not close the filesystem. */
    @Override
    void close();
  }
}
