package dev.cairn.fuse.kernel;

import dev.cairn.client.local.MountTable;
import dev.cairn.fuse.MountSettings;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mounts for users other than root, through the set-user-id program fusermount3(1): it opens the
 * device, mounts, and passes the descriptor back over a socket.
 */
final class FusermountMounter implements Mounter {

  private static final Logger LOG = LoggerFactory.getLogger(FusermountMounter.class);
  private static final Path FUSE_CONF = Path.of("/etc/fuse.conf");
  private static final String PROGRAM = "fusermount3";

  private final Path program;

  private FusermountMounter(Path program) {
    this.program = program;
  }

  /** The mounter, where the program is installed. */
  static Optional<FusermountMounter> find() {
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/bin:/bin:/usr/local/bin";
    for (String directory : path.split(":", 0)) {
      Path candidate = Path.of(directory, PROGRAM).toAbsolutePath();
      if (Files.isExecutable(candidate)) {
        return Optional.of(new FusermountMounter(candidate));
      }
    }
    return Optional.empty();
  }

  @Override
  public Device mount(MountSettings settings) throws CairnException {
    List<String> options = new ArrayList<>();
    options.add("fsname=" + escaped(settings.source()) + ",subtype=cairn");
    options.add(settings.readOnly() ? "ro" : "rw");
    options.add(MountData.of(allowOther(settings)));
    settings.flags().stream().filter(flag -> flag.startsWith("no")).forEach(options::add);
    int fd =
        DescriptorFromChild.ask(
            program.toString(),
            List.of(
                PROGRAM, "-o", String.join(",", options), "--", settings.mountPoint().toString()));
    return new Device(fd);
  }

  /** As fusermount3 reads an option's value (get_string_opt in util/fusermount.c of libfuse). */
  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace(",", "\\,");
  }

  private static boolean allowOther(MountSettings settings) {
    boolean allowed = settings.allowOther() && othersMayBeAllowed();
    if (settings.allowOther() && !allowed) {
      LOG.warn(
          "{} is for you alone: allowing others takes the line user_allow_other in {}",
          settings.mountPoint(),
          FUSE_CONF);
    }
    return allowed;
  }

  private static boolean othersMayBeAllowed() {
    try {
      return Files.readAllLines(FUSE_CONF).stream()
          .anyMatch(line -> line.strip().equals("user_allow_other"));
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public boolean unmount(Path mountPoint) throws CairnException {
    return call("-u", mountPoint);
  }

  @Override
  public void detach(Path mountPoint) throws CairnException {
    call("-uz", mountPoint);
  }

  /** Runs the program; answers whether nothing of ours is mounted there any more. */
  private boolean call(String option, Path mountPoint) throws CairnException {
    try {
      Process process =
          new ProcessBuilder(program.toString(), option, "--", mountPoint.toString())
              .redirectErrorStream(true)
              .start();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      process.waitFor();
      boolean mounted = MountTable.read().at(mountPoint).filter(m -> m.isCairn()).isPresent();
      if (mounted) {
        LOG.debug("{} {} {} says: {}", program, option, mountPoint, said);
      }
      return !mounted;
    } catch (IOException e) {
      throw ErrorCode.IO.because("cannot unmount " + mountPoint + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ErrorCode.INTERRUPTED.because("unmounting " + mountPoint + " was given up", e);
    }
  }
}
