package dev.cairn.fuse.jnr;

import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.Binding;
import dev.cairn.fuse.MountSettings;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/** Mounts through libfuse 2, with what jnr-fuse knows of its structures. */
public final class JnrBinding implements Binding {

  private static final long CONNECT_MILLIS = 10_000;

  @Override
  public String whyNot() {
    if (Long.BYTES != jnr.ffi.Runtime.getSystemRuntime().addressSize()) {
      return "the portable binding needs a 64-bit system";
    }
    try {
      return whyNot(Libraries.load());
    } catch (LinkageError e) {
      return Libraries.DARWIN
          ? "macFUSE is not installed: see macfuse.io"
          : "libfuse 2 is not installed: install the package libfuse2";
    }
  }

  private static String whyNot(Libraries libraries) {
    if (Libraries.DARWIN) {
      return null;
    }
    if (!Files.exists(Path.of("/dev/fuse"))) {
      return "there is no /dev/fuse: load the kernel's module fuse, or let the container have it";
    }
    return libraries.c().geteuid() == 0 || isOnPath("fusermount")
        ? null
        : "only root can mount without fusermount: install the package fuse3 or fuse";
  }

  private static boolean isOnPath(String program) {
    String path = System.getenv("PATH");
    return path != null
        && Pattern.compile(File.pathSeparator)
            .splitAsStream(path)
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  @Override
  public Mount mount(Vfs vfs, MountSettings settings) throws CairnException {
    String why = whyNot();
    if (why != null) {
      throw ErrorCode.NOT_SUPPORTED.because(why);
    }
    Libraries libraries = Libraries.load();
    Path mountPoint = existing(settings.mountPoint());
    Readers readers = new Readers(settings.threads());
    Operations operations = operations(vfs, settings, libraries, readers);
    readers.start(connect(libraries, operations, mountPoint, settings));
    JnrMount mount = new JnrMount(mountPoint, readers, new Unmount(libraries.c()));
    awaitShown(mountPoint, readers, mount);
    return mount;
  }

  private static Path existing(Path mountPoint) throws CairnException {
    try {
      return mountPoint.toRealPath();
    } catch (IOException e) {
      throw ErrorCode.NO_ENTRY.because(
          "the mount point " + mountPoint + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static Operations operations(
      Vfs vfs, MountSettings settings, Libraries libraries, Readers readers) {
    long lifeNanos = TimeUnit.MILLISECONDS.toNanos(settings.cacheMillis());
    Answers answers =
        new Answers(readers::beforeBlocking, () -> libraries.fuse().fuse_interrupted() != 0);
    NameCache cache = new NameCache(lifeNanos, System::nanoTime);
    NameCache withoutCapability = new NameCache(lifeNanos, System::nanoTime);
    HiddenFiles hidden = new HiddenFiles();
    PathResolver paths = new PathResolver(vfs, answers, cache, hidden);
    OpenFiles files = new OpenFiles();
    KeptPages pages = new KeptPages();
    return new Operations(
        new Guard(cache),
        new NameCalls(vfs, answers, paths, cache, hidden, pages),
        new AttributeCalls(vfs, answers, paths, files),
        new FileCalls(vfs, answers, paths, cache, files, pages, readers::forgetAttributes),
        new DirectoryCalls(vfs, answers, paths),
        new XattrCalls(vfs, answers, paths, withoutCapability));
  }

  private static Session connect(
      Libraries libraries, Operations operations, Path mountPoint, MountSettings settings)
      throws CairnException {
    AtomicReference<Session> session = new AtomicReference<>();
    String said;
    try {
      said =
          new NativeErrors(libraries.c())
              .during(() -> session.set(session(libraries, operations, mountPoint, settings)));
    } catch (IOException e) {
      throw ErrorCode.IO.because("mounting at " + mountPoint + " failed: " + e.getMessage(), e);
    }
    if (session.get() == null) {
      throw ErrorCode.IO.because(
          "mounting at "
              + mountPoint
              + " failed: "
              + (said.isEmpty() ? "libfuse 2 does not say why" : said));
    }
    return session.get();
  }

  /** Mounts; null when that failed, libfuse then having said why on the standard error. */
  private static Session session(
      Libraries libraries, Operations operations, Path mountPoint, MountSettings settings) {
    LibFuse2 lib = libraries.fuse();
    try (NativeString path = new NativeString(mountPoint.toString());
        Arguments mountArguments = new Arguments(lib, Options.ofMount(settings));
        Arguments libraryArguments = new Arguments(lib, Options.ofLibrary(settings))) {
      long channel = lib.fuse_mount(path.address(), mountArguments.address());
      if (channel == 0) {
        return null;
      }
      long fuse =
          libraries
              .fuseNew()
              .call(channel, libraryArguments.address(), operations.address(), operations.size());
      if (fuse == 0) {
        lib.fuse_unmount(path.address(), channel);
        return null;
      }
      return new Session(lib, operations, channel, fuse);
    }
  }

  /** The kernel has the mount before anyone serves it: see that both have found each other. */
  private static void awaitShown(Path mountPoint, Readers readers, JnrMount mount)
      throws CairnException {
    String wrong;
    try {
      if (!readers.awaitConnection(CONNECT_MILLIS)) {
        wrong = "the kernel does not ask for anything";
      } else if (!MountTable.showsFuse(mountPoint)) {
        wrong = "it is not among what is mounted";
      } else {
        return;
      }
    } catch (IOException e) {
      wrong = e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      wrong = "it was interrupted";
    }
    mount.close();
    throw ErrorCode.IO.because("mounting at " + mountPoint + " failed: " + wrong);
  }
}
