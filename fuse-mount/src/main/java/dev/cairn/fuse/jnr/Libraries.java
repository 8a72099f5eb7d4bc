package dev.cairn.fuse.jnr;

import java.util.List;
import java.util.Map;
import jnr.ffi.LibraryLoader;
import jnr.ffi.LibraryOption;
import jnr.ffi.Platform;

/** The native libraries, loaded. */
record Libraries(LibFuse2 fuse, FuseNew fuseNew, LibC c) {

  static final boolean DARWIN = Platform.getNativePlatform().getOS() == Platform.OS.DARWIN;

  // By the name of the interface's version: libfuse.so alone is there for developers only.
  private static final List<String> FUSE_NAMES =
      DARWIN ? List.of("fuse", "macfuse", "osxfuse") : List.of("libfuse.so.2");

  /**
   * Loads them.
   *
   * @throws LinkageError when libfuse 2 is not there
   */
  static Libraries load() {
    LinkageError missing = null;
    for (String name : FUSE_NAMES) {
      try {
        LibFuse2 fuse =
            LibraryLoader.create(LibFuse2.class)
                .search("/usr/local/lib")
                .option(LibraryOption.IgnoreError, true)
                .failImmediately()
                .load(name);
        return new Libraries(
            fuse, FuseNew.of(name), LibraryLoader.loadLibrary(LibC.class, Map.of(), "c"));
      } catch (LinkageError e) {
        missing = e;
      }
    }
    throw missing;
  }
}
