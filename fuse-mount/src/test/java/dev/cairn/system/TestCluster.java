package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A cluster of real processes, with the mounts a test asks for and the programs it starts. {@link
 * #end} ends them all, whatever became of them.
 */
final class TestCluster {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path scratch;
  private final Shell shell;
  private final List<Path> mounts = new ArrayList<>();
  private final List<Program> programs = new ArrayList<>();

  /** What a test waits for. */
  interface Condition {
    boolean holds() throws Exception;
  }

  /** What a test does meanwhile. */
  interface Action {
    void run() throws Exception;
  }

  /**
   * Starts nothing yet.
   *
   * @param scratch a directory of its own, removed by the test
   */
  TestCluster(Path scratch) {
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
    this.scratch = scratch;
    this.shell = new Shell(scratch);
  }

  /** Its files: {@code run}, {@code log}, {@code master}, {@code chunkserver-N}. */
  Path directory() {
    return scratch.resolve("cluster");
  }

  /** Where {@link #up} mounts it. */
  Path mountPoint() {
    return scratch.resolve("mnt");
  }

  /** Starts it, or what of it does not run, with a mount. */
  Ran up(String... options) throws Exception {
    return shell
        .cairn(
            joined(List.of("up", "--dir", directory(), "--mount", mountPoint()), List.of(options)))
        .well();
  }

  Ran upWithoutMount(String... options) throws Exception {
    return shell
        .cairn(joined(List.of("up", "--dir", directory(), "--no-mount"), List.of(options)))
        .well();
  }

  /** Runs a command on this cluster, or one of its subcommands. */
  Ran cairn(String command, Object... arguments) throws Exception {
    String[] asked = joined(List.of(command), List.of(arguments));
    return shell.cairn(joined(List.of(asked), List.of("--dir", directory())));
  }

  private static String[] joined(List<?> first, List<?> rest) {
    return Stream.concat(first.stream(), rest.stream())
        .map(Object::toString)
        .toArray(String[]::new);
  }

  /** Mounts it once more, at {@code scratch/name}; the log is {@code scratch/name.log}. */
  Path mount(String name, String... options) throws Exception {
    Path place = Files.createDirectories(scratch.resolve(name));
    mounts.add(place);
    String log = place + ".log";
    String pid = place + ".pid";
    List<String> command =
        List.of("mount", "--master", master(), "--log", log, "--pid-file", pid, place + "");
    shell.cairn(joined(command, List.of(options))).well();
    return place;
  }

  void unmount(Path place) throws Exception {
    shell.cairn("umount", place.toString()).well();
  }

  static boolean isMounted(Path place) throws IOException {
    return Files.readString(Path.of("/proc/self/mounts")).contains(" " + place + " ");
  }

  String master() throws Exception {
    return status().lines().get(0).substring("master ".length());
  }

  /** What the status says, whatever it thinks of it; the master has to answer. */
  Ran status() throws Exception {
    Ran status = cairn("status");
    assertEquals("", status.err(), status::toString);
    assertFalse(status.lines().isEmpty(), status::toString);
    return status;
  }

  /** Waits until the status has all these lines. */
  void untilStatus(String... lines) throws Exception {
    Ran[] status = new Ran[1];
    until(
        () -> {
          status[0] = status();
          return status[0].lines().containsAll(List.of(lines));
        },
        () -> "the status stays " + status[0]);
  }

  /** What a daemon logged: {@code master}, {@code chunkserver-N} or {@code mount}. */
  String log(String daemon) throws IOException {
    return Files.readString(directory().resolve("log").resolve(daemon + ".log"));
  }

  /** Runs a script, whose $1, $2, ... are the arguments. */
  Ran bash(String script, Object... arguments) throws Exception {
    return run(joined(List.of("bash", "-c", script, "test"), List.of(arguments)));
  }

  /** Runs a script in a directory, which ends at what fails. */
  Ran bashIn(Path where, String script) throws Exception {
    return bash("set -e; cd \"$1\"; " + script, where);
  }

  Ran run(String... command) throws Exception {
    return shell.run(List.of(command));
  }

  /** Starts a program that ends with the cluster at the latest. */
  Program python(String text, Object... arguments) throws IOException {
    Program program = Program.start(text, arguments);
    programs.add(program);
    return program;
  }

  ProcessHandle daemon(String name) throws IOException {
    return process(pidFile(name));
  }

  private Path pidFile(String daemon) {
    return directory().resolve("run").resolve(daemon + ".pid");
  }

  /** The process of a mount made by {@link #mount}. */
  ProcessHandle mountProcess(String name) throws IOException {
    return process(scratch.resolve(name + ".pid"));
  }

  private static ProcessHandle process(Path pidFile) throws IOException {
    return ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip())).orElseThrow();
  }

  /** The chunk server with most chunks: files made one after the other share a chain. */
  String fullestServer() throws IOException {
    String fullest = "chunkserver-1";
    int most = -1;
    for (int number = 1; Files.exists(directory().resolve("chunkserver-" + number)); number++) {
      int chunks = chunkFiles(directory().resolve("chunkserver-" + number)).size();
      if (chunks > most) {
        most = chunks;
        fullest = "chunkserver-" + number;
      }
    }
    return fullest;
  }

  /** The files and packs that a chunk server keeps chunks in. */
  static List<Path> chunkFiles(Path server) throws IOException {
    try (Stream<Path> files = Files.walk(server)) {
      return files.filter(file -> file.toString().matches(".*[.](data|pack)")).toList();
    }
  }

  void kill(String daemon) throws Exception {
    kill(pidFile(daemon));
  }

  /** Kills the process and waits until it is gone, or a zombie whose command line is empty. */
  static void kill(Path pidFile) throws Exception {
    ProcessHandle process = process(pidFile);
    Path commandLine = Path.of("/proc", Long.toString(process.pid()), "cmdline");
    process.destroyForcibly();
    until(() -> !process.isAlive() || Files.readString(commandLine).isEmpty());
  }

  /** Stops a process for a while, as a machine does that is out of memory or being moved. */
  void pauseWhile(ProcessHandle process, Action action) throws Exception {
    String pid = Long.toString(process.pid());
    run("kill", "-STOP", pid).well();
    try {
      action.run();
    } finally {
      run("kill", "-CONT", pid).well();
    }
  }

  static void until(Condition condition) throws Exception {
    until(condition, () -> "it did not come to that in time");
  }

  private static void until(Condition condition, Supplier<String> otherwise) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < end, otherwise);
      LockSupport.parkNanos(20_000_000);
    }
  }

  void end() throws Exception {
    programs.forEach(Program::close);
    for (Path mount : mounts) {
      run("umount", "-l", mount.toString());
    }
    if (Files.exists(directory().resolve("cluster.conf"))) {
      cairn("down").well();
    }
  }
}
