package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What applications are told when the master's machine loses power, and with it the log's end. */
@Timeout(300)
class PowerCutTest {

  /** Does with one descriptor of a file what each line of input says. */
  private static final String DO =
      """
      import fcntl, os, sys
      fd = os.open(sys.argv[1], os.O_RDWR)
      for line in sys.stdin:
          what, _, text = line.strip().partition(' ')
          try:
              if what == 'lock':
                  fcntl.flock(fd, fcntl.LOCK_EX)
              elif what == 'unlock':
                  fcntl.flock(fd, fcntl.LOCK_UN)
              elif what == 'fsync':
                  os.fsync(fd)
              else:
                  os.pwrite(fd, text.encode(), 0)
                  os.close(os.dup(fd))
              print('done', flush=True)
          except OSError as e:
              print('errno', e.errno, flush=True)
      """;

  @TempDir Path scratch;
  private Shell shell;
  private String directory;
  private Path mountPoint;
  private Process process;

  @BeforeEach
  void prepare() throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
    Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/python3")), "there is no python3");
    shell = new Shell(scratch);
    directory = scratch.resolve("cluster").toString();
    mountPoint = scratch.resolve("mnt");
  }

  @AfterEach
  void stopEverything() throws Exception {
    if (process != null) {
      process.destroyForcibly();
    }
    if (Files.exists(Path.of(directory, "cluster.conf"))) {
      shell.cairn("down", "--dir", directory).well();
    }
  }

  private void up() throws Exception {
    shell
        .cairn("up", "--dir", directory, "--mount", mountPoint.toString(), "--chunkservers", "2")
        .well();
  }

  private String asked(String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    return process.inputReader(StandardCharsets.UTF_8).readLine();
  }

  private Path log() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(directory, "master"))) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .max(Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  private void killMaster() throws Exception {
    String pid = Files.readString(Path.of(directory, "run", "master.pid")).strip();
    ProcessHandle master = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    assertTrue(master.destroyForcibly());
    master.onExit().get(30, TimeUnit.SECONDS);
  }

  @Test
  void whoWasToldMoreThanTheMasterKnows_failsItsFsync_andLeavesNoLockBehind() throws Exception {
    up();
    Path file = mountPoint.resolve("f");
    Files.writeString(file, "before");
    process =
        new ProcessBuilder("/usr/bin/python3", "-c", DO, file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertEquals("done", asked("lock"));
    assertEquals("done", asked("fsync"));
    long forced = Files.size(log());

    assertEquals("done", asked("write behind"));
    assertEquals("done", asked("unlock"));
    killMaster();
    try (FileChannel log = FileChannel.open(log(), StandardOpenOption.WRITE)) {
      assertTrue(log.size() > forced, "nothing was logged");
      log.truncate(forced);
    }
    up();

    assertEquals("errno 5", asked("fsync"));
    shell.run(List.of("flock", "-w", "60", file.toString(), "true")).well();
    assertEquals("before", Files.readString(file));
    process.getOutputStream().close();
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it does not end");
  }
}
