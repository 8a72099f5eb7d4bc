package dev.cairn.fuse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The options of {@code -o}, as mount(8) and the last but two field of fstab(5) give them: some are
 * the command's own in another form, some are passed on to the kernel, and some concern mount(8)
 * alone. What is none of these is refused, so that a misspelt option does not go unnoticed.
 */
final class MountOptions {

  private static final String MASTER = "master";

  private static final Set<String> FOR_THE_KERNEL =
      Set.of(
          "noexec",
          "nosuid",
          "suid",
          "nodev",
          "dev",
          "sync",
          "dirsync",
          "nosymfollow",
          "noatime",
          "relatime",
          "lazytime");

  private static final Map<String, String> REFUSED =
      Map.of(
          "strictatime", "times of access are kept as with relatime, or not at all with noatime",
          "nodiratime", "use noatime, which holds for directories, too");

  private static final Set<String> OURS =
      Set.of(
          "ro",
          "rw",
          "allow_other",
          "no_allow_other",
          MASTER,
          "binding",
          "threads",
          "log",
          "http",
          "patience");

  /** Options that take each other back: of each group the last one given counts. */
  private static final List<Set<String>> OPPOSITES =
      List.of(
          Set.of("exec", "noexec"),
          Set.of("suid", "nosuid"),
          Set.of("dev", "nodev"),
          Set.of("sync", "async"),
          Set.of("atime", "noatime", "relatime"));

  private static final Set<String> OF_NO_CONSEQUENCE =
      Set.of(
          "defaults",
          "auto",
          "noauto",
          "user",
          "users",
          "nouser",
          "owner",
          "group",
          "nofail",
          "_netdev",
          "exec",
          "async",
          "atime",
          "diratime",
          "default_permissions",
          "fsname",
          "subtype",
          "comment");

  private final Map<String, String> given = new LinkedHashMap<>();

  /**
   * Takes options in the order they are given; a later one overrides an earlier one.
   *
   * @throws IllegalArgumentException with a sentence for the user when there is no such option
   */
  MountOptions(List<String> options) {
    for (String option : whole(options)) {
      String[] parts = option.split("=", 2);
      String name = parts[0];
      if (REFUSED.containsKey(name)) {
        throw new IllegalArgumentException(
            "the mount option '" + name + "' is not supported: " + REFUSED.get(name));
      }
      if (!isKnown(name)) {
        throw new IllegalArgumentException("there is no mount option '" + option + "'");
      }
      given.remove(name);
      OPPOSITES.stream().filter(group -> group.contains(name)).forEach(given.keySet()::removeAll);
      given.put(name, parts.length == 2 ? parts[1] : "");
    }
  }

  /** The options with the addresses of {@code master=} together, which commas had taken apart. */
  private static List<String> whole(List<String> options) {
    List<String> whole = new ArrayList<>();
    for (String option : options) {
      int last = whole.size() - 1;
      boolean address = option.indexOf(':') > 0 && option.indexOf('=') < 0;
      if (address && last >= 0 && whole.get(last).startsWith(MASTER + "=")) {
        whole.set(last, whole.get(last) + "," + option);
      } else {
        whole.add(option.strip());
      }
    }
    return whole;
  }

  private static boolean isKnown(String name) {
    return name.isEmpty()
        || name.startsWith("x-")
        || FOR_THE_KERNEL.contains(name)
        || OURS.contains(name)
        || OF_NO_CONSEQUENCE.contains(name);
  }

  /** Whether the first was given, and not the second after it. */
  boolean says(String option, String opposite) {
    List<String> order = List.copyOf(given.keySet());
    return order.indexOf(option) > order.indexOf(opposite);
  }

  /** The value of an option, or what there is instead of one. */
  String value(String option, String otherwise) {
    return given.getOrDefault(option, otherwise);
  }

  /** What the kernel is told, by the names of mount(8). */
  List<String> flags() {
    return given.keySet().stream().filter(FOR_THE_KERNEL::contains).toList();
  }
}
