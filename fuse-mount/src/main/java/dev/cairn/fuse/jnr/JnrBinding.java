package dev.cairn.fuse.jnr;

import dev.cairn.client.local.MountTable;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.Binding;
import dev.cairn.fuse.MountSettings;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import jnr.ffi.Runtime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Mounts through libfuse 2, with what jnr-fuse knows of its structures. */
public final class JnrBinding implements Binding {

  private static final Logger LOG = LoggerFactory.getLogger(JnrBinding.class);
  private static final long CONNECT_MILLIS = 10_000;
  private static final long LOOK_MILLIS = 100;

  /**
   * libfuse 2 passes on no more at a time; a thread keeps the request and one copy of its bytes.
   */
  private static final int LARGEST_REQUEST_BYTES = 128 << 10;

  @Override
  public String whyNot() {
    try {
      if (Runtime.getSystemRuntime().addressSize() != Long.BYTES) {
        return "the portable binding needs a 64-bit system";
      }
    } catch (LinkageError e) {
      // jffi unpacks its library there.
      return "no native code can be called: "
          + System.getProperty("java.io.tmpdir")
          + " must be writable, and not mounted noexec";
    }
    try {
      return whyNot(Libraries.load());
    } catch (LinkageError e) {
      return Libraries.DARWIN
          ? "macFUSE is not installed: see macfuse.io"
          : "libfuse 2 is not installed: install the package libfuse2";
    }
  }

  @Override
  public long directBytes(MountSettings settings) {
    return (long) Readers.MOST_THREADS * 2 * LARGEST_REQUEST_BYTES;
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
    Unmount unmount = new Unmount(libraries.c());
    Path mountPoint = usable(settings.mountPoint(), unmount, libraries.c());
    Readers readers = new Readers(settings.threads());
    Operations operations = operations(vfs, settings, libraries, readers);
    readers.start(connect(libraries, operations, mountPoint, settings));
    JnrMount mount = new JnrMount(mountPoint, readers, unmount, operations.metered());
    awaitShown(mountPoint, readers, mount);
    return mount;
  }

  /** The mount point's real path, once a mount whose process was killed is cleared away. */
  private static Path usable(Path given, Unmount unmount, LibC libc) throws CairnException {
    try {
      Path parent = given.getParent();
      Path mountPoint = parent == null ? given : parent.toRealPath().resolve(given.getFileName());
      Optional<MountTable.Entry> there = MountTable.read().at(mountPoint);
      if (there.isPresent() && there.get().isCairn()) {
        refuseUnlessDead(there.get(), mountPoint, libc);
        LOG.info("{} was left behind by a mount that is dead: unmounting it", mountPoint);
        unmount.force(mountPoint);
      }
      if (!Files.readAttributes(mountPoint, BasicFileAttributes.class).isDirectory()) {
        throw ErrorCode.NOT_DIRECTORY.because(
            "the mount point " + mountPoint + " is not a directory");
      }
      return mountPoint.toRealPath();
    } catch (CairnException e) {
      throw e;
    } catch (IOException e) {
      throw ErrorCode.NO_ENTRY.because("cannot mount at " + CommandRunner.oneLine(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ErrorCode.INTERRUPTED.because("mounting was interrupted");
    }
  }

  /** One that lives may fail an access, too: with EACCES, say, where it is another user's. */
  private static void refuseUnlessDead(MountTable.Entry there, Path mountPoint, LibC libc)
      throws CairnException {
    try (NativeString path = new NativeString(mountPoint.toString())) {
      if (libc.access(path.address(), 0) != 0
          && Errno.isNotConnected(Runtime.getSystemRuntime().getLastError())) {
        return;
      }
    }
    throw ErrorCode.BUSY.because(there.source() + " is mounted at " + mountPoint + " already");
  }

  private static Operations operations(
      Vfs vfs, MountSettings settings, Libraries libraries, Readers readers) {
    long lifeNanos = TimeUnit.MILLISECONDS.toNanos(settings.cacheMillis());
    Answers answers =
        new Answers(readers::beforeBlocking, () -> libraries.fuse().fuse_interrupted() != 0);
    NameCache cache = new NameCache(lifeNanos, System::nanoTime);
    HiddenFiles hidden = new HiddenFiles();
    PathResolver paths = new PathResolver(vfs, answers, cache, hidden);
    OpenFiles files = new OpenFiles();
    KeptPages pages = new KeptPages();
    return new Operations(
        new Guard(cache),
        new NameCalls(vfs, answers, paths, cache, hidden, pages),
        new AttributeCalls(vfs, answers, paths, files),
        new FileCalls(vfs, answers, paths, cache, files, pages, readers),
        new DirectoryCalls(vfs, answers, paths),
        new XattrCalls(vfs, answers, paths),
        new LockCalls(vfs, answers, files, pages, readers));
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
        Arguments mountArguments =
            new Arguments(lib, Options.ofMount(settings, libraries.c().geteuid() == 0));
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

  /** The kernel has the mount before anyone serves it: sees that both have found each other. */
  private static void awaitShown(Path mountPoint, Readers readers, JnrMount mount)
      throws CairnException {
    String wrong;
    try {
      wrong = whatIsWrong(mountPoint, readers);
    } catch (IOException e) {
      wrong = e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      wrong = "it was interrupted";
    }
    if (wrong != null) {
      mount.close();
      throw ErrorCode.IO.because("mounting at " + mountPoint + " failed: " + wrong);
    }
  }

  private static String whatIsWrong(Path mountPoint, Readers readers)
      throws IOException, InterruptedException {
    if (!readers.awaitConnection(CONNECT_MILLIS)) {
      return "the kernel does not ask for anything";
    }
    for (long waited = 0; waited < CONNECT_MILLIS; waited += LOOK_MILLIS) {
      if (Shown.at(mountPoint)) {
        return null;
      }
      if (readers.awaitEnd(LOOK_MILLIS)) {
        return "it was unmounted at once";
      }
    }
    return "it is not among what is mounted";
  }
}
