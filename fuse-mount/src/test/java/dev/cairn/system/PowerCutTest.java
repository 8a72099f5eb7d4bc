package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
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
  private TestCluster cluster;

  @BeforeEach
  void prepare() {
    Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/python3")), "there is no python3");
    cluster = new TestCluster(scratch);
  }

  @AfterEach
  void stopEverything() throws Exception {
    if (cluster != null) {
      cluster.end();
    }
  }

  private Path log() throws IOException {
    try (Stream<Path> files = Files.walk(cluster.directory().resolve("master"))) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .max(Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  @Test
  void whoWasToldMoreThanTheMasterKnows_failsItsFsync_andLeavesNoLockBehind() throws Exception {
    cluster.up("--chunkservers", "2");
    Path file = cluster.mountPoint().resolve("f");
    Files.writeString(file, "before");
    Program program = cluster.python(DO, file);
    assertEquals("done", program.asked("lock"));
    assertEquals("done", program.asked("fsync"));
    long forced = Files.size(log());

    assertEquals("done", program.asked("write behind"));
    assertEquals("done", program.asked("unlock"));
    cluster.kill("master");
    try (FileChannel log = FileChannel.open(log(), StandardOpenOption.WRITE)) {
      assertTrue(log.size() > forced, "nothing was logged");
      log.truncate(forced);
    }
    cluster.up();

    assertEquals("errno 5", program.asked("fsync"));
    cluster.run("flock", "-w", "60", file.toString(), "true").well();
    assertEquals("before", Files.readString(file));
    program.endOfInput();
    program.ended();
  }
}
