package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What programs on a mount notice of a cluster that is away and comes back. */
@Timeout(180)
final class PatienceTest {

  private static final String WRITE_AND_SYNC =
      """
      import os, sys
      f = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY)
      os.write(f, b'x' * 100000)
      print('written', flush=True)
      os.fsync(f)
      print('synced', flush=True)
      """;

  /** Hears SIGTERM while it waits, which its own handler makes an exception of. */
  private static final String SYNC_UNLESS_TERMINATED =
      """
      import os, signal, sys
      def end(number, frame):
          raise InterruptedError
      signal.signal(signal.SIGTERM, end)
      f = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY)
      os.write(f, b'x' * 100000)
      print('written', flush=True)
      try:
          os.fsync(f)
      except InterruptedError:
          print('interrupted', flush=True)
          os._exit(0)
      """;

  private static final String LIST =
      """
      import os, sys
      print('lists', flush=True)
      print(len(os.listdir(sys.argv[1])) >= 0, flush=True)
      """;

  /** One cluster for all cases, each of which leaves it running. */
  @TempDir static Path scratch;

  private static TestCluster cluster;
  private static Path mount;

  @BeforeAll
  static void start() throws Exception {
    cluster = new TestCluster(scratch);
    cluster.up("--chunkservers", "1");
    mount = cluster.mountPoint();
  }

  @AfterAll
  static void stop() throws Exception {
    cluster.end();
  }

  private Program waiting(String text, String first, Path place) throws Exception {
    Program program = cluster.python(text, place);
    assertEquals(first, program.says());
    TestCluster.until(program::isInRequest);
    return program;
  }

  private void untilLogged(String words) throws Exception {
    TestCluster.until(() -> cluster.log("mount").contains(words));
  }

  /** Kills a program that waits for the mount; it must be gone at once. */
  private static void killed(Program program) throws Exception {
    long start = System.nanoTime();
    program.kill();
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    assertTrue(taken.compareTo(Duration.ofSeconds(5)) < 0, "it took " + taken);
  }

  @Test
  void chunkServers_areWaitedFor_andSignalsEndTheWait() throws Exception {
    cluster.kill("chunkserver-1");
    Program killed = waiting(WRITE_AND_SYNC, "written", mount.resolve("killed"));
    Program handles = waiting(SYNC_UNLESS_TERMINATED, "written", mount.resolve("handled"));
    Program waits = waiting(WRITE_AND_SYNC, "written", mount.resolve("waited"));
    untilLogged("waiting for chunk servers");
    killed(killed);
    cluster.run("kill", "-TERM", Long.toString(handles.pid())).well();
    assertEquals("interrupted", handles.says());
    assertTrue(waits.isInRequest());
    cluster.up();
    assertEquals("synced", waits.says());
    waits.ended();
    untilLogged("going on after");
    assertEquals(100000, Files.size(mount.resolve("waited")));
  }

  @Test
  void theMaster_isWaitedFor_andSessionsSurvive_andUnmountingIsPossibleMeanwhile()
      throws Exception {
    Path other = cluster.mount("other");
    ProcessHandle process = cluster.mountProcess("other");
    Program locking =
        cluster.python(
            """
            import fcntl, os, sys
            f = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR)
            fcntl.flock(f, fcntl.LOCK_EX)
            print('locked', flush=True)
            sys.stdin.readline()
            os.write(f, b'still mine')
            os.fsync(f)
            print('written', flush=True)
            """,
            mount.resolve("lock"));
    assertEquals("locked", locking.says());
    cluster.kill("master");
    Program lists = waiting(LIST, "lists", mount);
    Program killed = waiting(LIST, "lists", mount);
    waiting(LIST, "lists", other);
    untilLogged("waiting for the master at");
    killed(killed);
    cluster.run("umount", "-l", other.toString()).well();
    process.destroy();
    TestCluster.until(() -> !process.isAlive());
    cluster.up();
    assertEquals("True", lists.says());
    assertEquals("written", locking.asked("go on"));
    locking.ended();
    untilLogged("going on after");
  }

  @Test
  void impatientMount_failsWithEio_andSaysWhyInItsLog() throws Exception {
    Path impatient = cluster.mount("impatient", "-o", "patience=2s");
    cluster.kill("master");
    long start = System.nanoTime();
    Ran list = cluster.run("ls", impatient.toString());
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    assertNotEquals(0, list.exit());
    assertTrue(list.err().contains("Input/output error"), list::toString);
    assertTrue(taken.compareTo(Duration.ofSeconds(15)) < 0, "it took " + taken);
    String log = Files.readString(Path.of(impatient + ".log"));
    assertTrue(log.contains("cannot be reached: connection refused"), log);
    cluster.up();
    cluster.run("ls", impatient.toString()).well();
  }

  @Test
  void puttingAndGetting_goOnOverARestartOfTheMaster() throws Exception {
    Path large = scratch.resolve("large");
    cluster.bash("head -c 40M /dev/urandom > \"$1\"", large).well();
    cluster.kill("master");
    Program put =
        cluster.python(
            """
            import subprocess, sys
            sys.exit(subprocess.run(sys.argv[1:]).returncode)
            """,
            Shell.launcher(),
            "put",
            "--dir",
            cluster.directory(),
            large,
            "/large");
    cluster.up();
    put.ended();
    Path back = scratch.resolve("back");
    cluster.cairn("get", "/large", back).well();
    cluster.run("cmp", large.toString(), back.toString()).well();
  }
}
