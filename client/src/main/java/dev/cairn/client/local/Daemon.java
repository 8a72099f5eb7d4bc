package dev.cairn.client.local;

import dev.cairn.rpc.DurableFile;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** One process of a local cluster, running or not. */
final class Daemon {

  private static final int LOG_LINES_SHOWN = 8;
  private static final int LOG_BYTES_READ = 64 << 10;
  private static final long END_CHECK_NANOS = 20_000_000;
  private static final Duration AFTER_SIGKILL = Duration.ofSeconds(10);

  private final ClusterDirectory directory;
  private final String name;

  Daemon(ClusterDirectory directory, String name) {
    this.directory = directory;
    this.name = name;
  }

  String name() {
    return name;
  }

  /** The process, when it runs. */
  Optional<ProcessHandle> running() throws IOException {
    String text;
    try {
      text = Files.readString(directory.pidFile(name)).strip();
    } catch (NoSuchFileException e) {
      // A daemon that ends takes it away.
      return Optional.empty();
    }
    if (!text.matches("[0-9]{1,9}")) {
      return Optional.empty();
    }
    return ProcessHandle.of(Long.parseLong(text))
        .filter(ProcessHandle::isAlive)
        .filter(this::isOurs);
  }

  private boolean isOurs(ProcessHandle process) {
    Path commandLine = Path.of("/proc", Long.toString(process.pid()), "cmdline");
    String mark = directory.pidFile(name).toString();
    if (Files.isReadable(commandLine)) {
      try {
        return List.of(Files.readString(commandLine).split("\0", -1)).contains(mark);
      } catch (IOException e) {
        // It ended in between.
        return false;
      }
    }
    return process.info().commandLine().orElse("").contains(mark);
  }

  /** A process that was started and does not work yet. */
  final class Start {
    private final Process process;
    private final long logBegin;

    private Start(Process process, long logBegin) {
      this.process = process;
      this.logBegin = logBegin;
    }

    String name() {
      return name;
    }

    /** True once the process works; fails with what it said when it ended. */
    boolean isReady() throws IOException {
      if (Files.exists(directory.readyFile(name))) {
        return true;
      }
      if (!process.isAlive()) {
        Files.deleteIfExists(directory.pidFile(name));
        throw failed("ended with exit code " + process.exitValue());
      }
      return false;
    }

    IOException late(Duration waited) throws IOException {
      return failed("does not work after " + waited.toSeconds() + " s");
    }

    private DaemonFailedException failed(String how) throws IOException {
      Path log = directory.log(name);
      byte[] bytes = Files.readAllBytes(log);
      int from = (int) Math.max(logBegin, bytes.length - LOG_BYTES_READ);
      List<String> lines =
          new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8).lines().toList();
      return new DaemonFailedException(
          name + " " + how + "; its log is " + log,
          lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
    }
  }

  /** Starts the process with arguments for the launcher; those every daemon has are added. */
  Start start(Launcher launcher, List<String> arguments) throws IOException {
    Path log = directory.log(name);
    Files.deleteIfExists(directory.readyFile(name));
    long logBegin = Files.exists(log) ? Files.size(log) : 0;
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--http", HttpPorts.of(directory, name).toString()));
    all.addAll(List.of("--ready-file", directory.readyFile(name).toString()));
    all.addAll(List.of("--pid-file", directory.pidFile(name).toString()));
    Process process = launcher.background(all, log);
    // The daemon writes the same when it works; until then this is how it can be stopped.
    DurableFile.write(directory.pidFile(name), process.pid() + "\n");
    return new Start(process, logBegin);
  }

  /** Asks the process to end. */
  Optional<ProcessHandle> terminate() throws IOException {
    Optional<ProcessHandle> process = running();
    process.ifPresent(ProcessHandle::destroy);
    return process;
  }

  /** Waits for the end, and makes it one after the deadline; false when that was needed. */
  boolean awaitEnd(ProcessHandle process, Duration within) throws IOException {
    boolean ended = ended(process, within);
    if (!ended) {
      process.destroyForcibly();
      ended(process, AFTER_SIGKILL);
    }
    forget();
    return ended;
  }

  /** Removes what a process that no longer runs left behind. */
  void forget() throws IOException {
    Files.deleteIfExists(directory.pidFile(name));
    Files.deleteIfExists(directory.readyFile(name));
  }

  /**
   * Looks again and again. {@code ProcessHandle.onExit} looks at what is no child of this process
   * after a third of a second, then after ever longer, up to five seconds. A zombie has no command
   * line any more.
   */
  private boolean ended(ProcessHandle process, Duration within) throws IOException {
    long deadline = System.nanoTime() + within.toNanos();
    while (process.isAlive() && isOurs(process)) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      LockSupport.parkNanos(END_CHECK_NANOS);
      if (Thread.interrupted()) {
        throw ErrorCode.INTERRUPTED.because("interrupted");
      }
    }
    return true;
  }
}
