package dev.cairn.fuse;

import dev.cairn.client.vfs.Vfs;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.metrics.Operations;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A mount together with the filesystem it shows. Both end when somebody unmounts, and when the
 * process is told to end: first the mount, so that the kernel still gets its last bytes written,
 * then the filesystem, which writes back and gives up its session.
 */
final class ServedMount {

  private static final Logger LOG = LoggerFactory.getLogger(ServedMount.class);

  /** Who tells a process to end kills it after 20 s and more. */
  private static final Duration MOST_TO_END = Duration.ofSeconds(15);

  private final Vfs vfs;
  private Binding.Mount mount;
  private boolean ended;

  private ServedMount(Vfs vfs) {
    this.vfs = vfs;
  }

  /** Mounts; closes the filesystem if that fails. */
  static ServedMount start(Binding binding, Vfs vfs, MountSettings settings) throws CairnException {
    ServedMount served = new ServedMount(vfs);
    Runtime.getRuntime().addShutdownHook(new Thread(served::endSoon, "unmount"));
    served.mount(binding, settings);
    return served;
  }

  private synchronized void mount(Binding binding, MountSettings settings) throws CairnException {
    if (!ended) {
      mount = binding.mount(vfs, settings);
    }
  }

  /** What the kernel has asked for. */
  synchronized Operations operations() {
    return mount == null ? new Operations(Results::name) : mount.operations();
  }

  /** Returns when nothing is mounted any more and all is written back. */
  void awaitEnd() throws InterruptedException {
    mount.awaitEnd();
    end();
  }

  /** Told to end: there is not the time to wait for a cluster that is away. */
  private void endSoon() {
    Thread ending = new Thread(this::end, "ending");
    ending.setDaemon(true);
    ending.start();
    try {
      ending.join(MOST_TO_END.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (ending.isAlive()) {
      LOG.error(
          "what was written and not synced may be lost: the cluster did not take it within {} s",
          MOST_TO_END.toSeconds());
    }
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
