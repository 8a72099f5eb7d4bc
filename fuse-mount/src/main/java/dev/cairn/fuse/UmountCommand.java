package dev.cairn.fuse;

import dev.cairn.client.local.MountTable;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.command.VersionOption;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cairn umount}: unmounts, upon which the process that serves the mount ends. */
@Command(
    name = "cairn umount",
    mixinStandardHelpOptions = true,
    versionProvider = VersionOption.class,
    description = "Unmounts a cluster; the process that serves the mount ends then.",
    footer = {"", "Example:", "  cairn umount /mnt/cairn"})
public final class UmountCommand implements Callable<Integer> {

  private static final List<String> FUSERMOUNTS = List.of("fusermount3", "fusermount");

  @Option(
      names = {"-l", "--lazy"},
      description = "Unmount even if it is in use: nobody new gets in, and it ends with the last.")
  private boolean lazy;

  @Parameters(paramLabel = "MOUNTPOINT")
  private Path mountPoint;

  public static void main(String[] arguments) {
    System.exit(CommandRunner.run(new UmountCommand(), arguments));
  }

  @Override
  public Integer call() throws Exception {
    Path place = MountPoint.nearestReal(mountPoint);
    checkOurs(place);
    ProcessBuilder umount = new ProcessBuilder(program(place)).redirectErrorStream(true);
    // Its messages are looked into, so they must be in the language we know.
    umount.environment().put("LC_ALL", "C");
    Process process = umount.start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() == 0) {
      return CommandRunner.OK;
    }
    if (said.contains("busy")) {
      throw ErrorCode.BUSY.because(busy(place));
    }
    throw ErrorCode.NOT_PERMITTED.because(
        said.lines().findFirst().orElse("cannot unmount " + place));
  }

  private static void checkOurs(Path place) throws IOException {
    Optional<MountTable.Entry> mount = MountTable.read().at(place);
    if (mount.isEmpty() && MountTable.exists()) {
      throw ErrorCode.INVALID.because(place + " is not a mount point");
    }
    if (mount.isPresent() && !mount.get().isCairn()) {
      throw ErrorCode.INVALID.because(
          place
              + " is a mount of "
              + mount.get().source()
              + " (type "
              + mount.get().type()
              + "), not of Cairn: use umount(8)");
    }
  }

  /** Who may unmount what: root by umount(8), others on Linux by the program they mounted with. */
  private List<String> program(Path place) throws IOException {
    boolean byFusermount =
        MountTable.exists() && !Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    List<String> command = new ArrayList<>();
    if (byFusermount) {
      command.add(
          FUSERMOUNTS.stream().filter(UmountCommand::isInstalled).findFirst().orElse("umount"));
      command.add("-u");
      command.addAll(lazy ? List.of("-z") : List.of());
    } else {
      command.add("umount");
      command.addAll(lazy ? List.of("-l") : List.of());
    }
    command.add(place.toString());
    return command;
  }

  private static boolean isInstalled(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(":", 0))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static String busy(Path place) throws IOException {
    List<String> holders = Holders.of(place);
    String who = holders.isEmpty() ? "" : " by " + String.join(", ", holders);
    return place + " is in use" + who + ": end that first, or unmount with --lazy";
  }
}
