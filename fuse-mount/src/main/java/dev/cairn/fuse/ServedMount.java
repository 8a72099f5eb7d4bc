package dev.cairn.fuse;

import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.error.CairnException;

/**
 * A mount together with the filesystem it shows. Both end when somebody unmounts, and when the
 * process is told to end: first the mount, so that the kernel still gets its last bytes written,
 * then the filesystem, which writes back and gives up its session.
 */
final class ServedMount {

  private final Vfs vfs;
  private Binding.Mount mount;
  private boolean ended;

  private ServedMount(Vfs vfs) {
    this.vfs = vfs;
  }

  /** Mounts; closes the filesystem if that fails. */
  static ServedMount start(Binding binding, Vfs vfs, MountSettings settings) throws CairnException {
    ServedMount served = new ServedMount(vfs);
    Runtime.getRuntime().addShutdownHook(new Thread(served::end, "unmount"));
    served.mount(binding, settings);
    return served;
  }

  private synchronized void mount(Binding binding, MountSettings settings) throws CairnException {
    if (!ended) {
      mount = binding.mount(vfs, settings);
    }
  }

  /** Returns when nothing is mounted any more and all is written back. */
  void awaitEnd() throws InterruptedException {
    mount.awaitEnd();
    end();
  }

  private synchronized void end() {
    if (ended) {
      return;
    }
    ended = true;
    if (mount != null) {
      mount.close();
    }
    vfs.close();
  }
}
