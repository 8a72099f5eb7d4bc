package dev.cairn.fuse.jnr;

import dev.cairn.fuse.MountSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The settings of a mount as libfuse 2's options. */
final class Options {

  private static final int BACKGROUND_REQUESTS = 64;
  private static final double MILLIS_PER_SECOND = 1000.0;

  /**
   * What libfuse 2 passes on to mount(2). The others say how access times are kept, which the
   * kernel leaves to a FUSE filesystem anyhow.
   */
  private static final Set<String> KNOWN_FLAGS =
      Set.of("noexec", "nosuid", "suid", "nodev", "dev", "sync", "dirsync", "noatime");

  private Options() {}

  /** For fuse_mount: what the kernel and fusermount are told. */
  static List<String> ofMount(MountSettings settings, boolean root) {
    List<String> options = new ArrayList<>();
    options.add("fsname=" + Arguments.escaped(settings.source()));
    options.add("default_permissions");
    if (settings.allowOther()) {
      options.add("allow_other");
    }
    if (settings.readOnly()) {
      options.add("ro");
    }
    if (!Libraries.DARWIN) {
      settings.flags().stream()
          .filter(flag -> KNOWN_FLAGS.contains(flag) && (root || flag.startsWith("no")))
          .forEach(options::add);
      if (root) {
        // As mount(8) does. fusermount3 does not know the option, and so refuses to mount at all.
        options.add("nonempty");
      }
      options.add("subtype=cairn");
      options.add("max_read=" + Stat.BLOCK_BYTES);
    }
    return options;
  }

  /**
   * For fuse_new. Not among them: {@code hard_remove} ({@link HiddenFiles} says why), {@code intr}
   * ({@link Answers}), {@code kernel_cache} and {@code auto_cache} ({@link KeptPages}).
   */
  static List<String> ofLibrary(MountSettings settings) {
    String seconds = String.format(Locale.ROOT, "%.3f", settings.cacheMillis() / MILLIS_PER_SECOND);
    List<String> options = new ArrayList<>();
    options.add("use_ino");
    // Where the kernel cannot be told that an open found another length, it has to ask each time.
    options.add("attr_timeout=" + (Libraries.DARWIN ? "0" : seconds));
    options.add("entry_timeout=" + seconds);
    // A name that another client makes is there at once.
    options.add("negative_timeout=0");
    if (!Libraries.DARWIN) {
      options.add("big_writes");
      options.add("atomic_o_trunc");
      options.add("max_background=" + BACKGROUND_REQUESTS);
    }
    return options;
  }
}
