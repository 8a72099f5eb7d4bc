package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Leases, taken by ordinary tools on two mounts and by commands. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeasesTest {

  private static final String BUSY = "Device or resource busy";

  /** Opens a file, and at each line of input writes that and says how it went. */
  private static final String WRITER =
      """
      import os, sys
      fd = os.open(sys.argv[1], os.O_RDWR)
      print('open', flush=True)
      for line in sys.stdin:
          try:
              os.pwrite(fd, line.encode(), 0)
              os.fsync(fd)
              print('written', flush=True)
          except OSError as e:
              print('refused', e.errno, flush=True)
      """;

  private TestCluster cluster;
  private Path scratch;
  private Path first;
  private Path second;

  /** All tests use one cluster, each with a directory of its own in it. */
  @BeforeAll
  void startCluster(@TempDir Path directory) throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/setfattr")), "there is no setfattr");
    scratch = directory;
    cluster = new TestCluster(scratch);
  }

  @AfterAll
  void stopEverything() throws Exception {
    if (cluster != null) {
      cluster.end();
    }
  }

  /** Mounts at two places, also when the test before has ended one of them. */
  @BeforeEach
  void twoMounts() throws Exception {
    cluster.up("--chunkservers", "2");
    first = cluster.mountPoint();
    if (second == null || !TestCluster.isMounted(second)) {
      second = cluster.mount("second");
    }
    bash(first, "rm -rf * && echo old > f").well();
  }

  private Ran bash(Path where, String script) throws Exception {
    return cluster.bashIn(where, script);
  }

  private Ran cairn(String command, String... arguments) throws Exception {
    return cluster.cairn(command, (Object[]) arguments);
  }

  private static void busy(Ran ran) {
    assertTrue(ran.exit() != 0 && ran.err().contains(BUSY), ran::toString);
  }

  private void othersAreKeptOut(Path others) throws Exception {
    busy(bash(others, "echo more >> f"));
    busy(bash(others, "echo other > f"));
    busy(bash(others, "truncate -s 0 f"));
    busy(bash(others, "echo other > g && mv -f g f"));
    busy(bash(others, "rm -f f"));
    busy(bash(others, "fallocate -l 100 f"));
    busy(bash(others, "setfattr -n user.cairn.lease -v 5s f"));
    busy(bash(others, "touch .cairn/lease/f"));
    assertTrue(bash(others, "setfattr -x user.cairn.lease f").exit() != 0);
    assertTrue(bash(others, "rm -f .cairn/lease/f").exit() != 0);
    assertEquals("old\n", bash(others, "cat f").well().out());
  }

  @Test
  void leaseByXattr_keepsOthersOut_untilItIsGivenBack() throws Exception {
    bash(first, "setfattr -n user.cairn.lease -v 30s f").well();
    String shown = bash(second, "getfattr --only-values -n user.cairn.lease f").well().out();
    assertTrue(shown.matches(".* at " + first + ", \\d+ s left"), shown);
    othersAreKeptOut(second);
    bash(first, "echo mine >> f && setfattr -n user.cairn.lease -v 1m f").well();
    bash(first, "(sleep 0.1; echo last >> f) & wait; setfattr -x user.cairn.lease f").well();
    assertEquals("old\nmine\nlast\n", bash(second, "cat f").well().out());
    Ran none = bash(second, "LC_ALL=C getfattr -n user.cairn.lease f");
    assertTrue(none.exit() != 0 && none.err().contains("No such attribute"), none::toString);
    bash(second, "echo theirs > f && rm f").well();
    for (String bad : List.of("0", "25h", "soon")) {
      Ran refused = bash(first, "touch b; setfattr -n user.cairn.lease -v " + bad + " b");
      assertTrue(refused.exit() != 0 && refused.err().contains("Invalid argument"), bad);
    }
  }

  @Test
  void leaseByLockFile_keepsOthersOut_untilItIsRemoved() throws Exception {
    bash(first, "mkdir -p a/b && echo old > a/b/f").well();
    bash(first, "touch .cairn/lease/f .cairn/lease/a/b/f").well();
    String shown = bash(second, "cat .cairn/lease/f").well().out();
    assertTrue(shown.strip().matches(".* at " + first + ", \\d+ s left"), shown);
    assertEquals("a\nf\n", bash(second, "ls .cairn/lease").well().out());
    assertEquals("f\n", bash(second, "ls .cairn/lease/a/b").well().out());
    assertEquals("a\nf\n", bash(second, "ls -A").well().out());
    othersAreKeptOut(second);
    Ran exists = bash(first, "set -C; : > .cairn/lease/a/b/f");
    assertTrue(exists.exit() != 0 && exists.err().contains("exist"), exists::toString);
    bash(first, "echo mine > a/b/f && echo 5m > .cairn/lease/a/b/f").well();
    bash(first, "rm .cairn/lease/a/b/f .cairn/lease/f && ! ls .cairn/lease/f").well();
    assertEquals("", bash(second, "ls .cairn/lease").well().out());
    bash(second, "echo theirs > f && touch .cairn/lease/f && rm .cairn/lease/f").well();
    assertEquals("mine\n", bash(second, "cat a/b/f").well().out());
  }

  @Test
  void leaseByCommand_isTheUsers_untilItsTimeIsOverOrItIsGivenBack() throws Exception {
    Ran taken = cairn("lease", "/f", "--for", "2m").well();
    assertTrue(taken.out().contains("for 2m"), taken::out);
    othersAreKeptOut(first);
    othersAreKeptOut(second);
    Ran listed = cairn("leases").well();
    assertTrue(listed.lastLine().matches("\\S+@\\S+ +\\d+ s +/f"), listed::out);
    Path source = Files.writeString(scratch.resolve("new"), "put\n");
    cairn("put", source.toString(), "/f").well();
    assertEquals("put\n", bash(second, "cat f").well().out());
    busy(bash(second, "echo other > f"));
    cairn("unlease", "/f").well();
    assertEquals(1, cairn("unlease", "/f").exit());
    bash(second, "setfattr -n user.cairn.lease -v 1m f").well();
    Ran refused = cairn("lease", "/f");
    assertTrue(refused.exit() == 1 && refused.err().contains(" at " + second), refused::toString);
    assertEquals(1, cairn("unlease", "/f").exit());
    cairn("unlease", "--force", "/f").well();
    cairn("lease", "/f", "--for", "1s").well();
    cairn("lease", "/f", "--wait").well();
    cairn("lease", "/f", "--for", "2s").well();
    TestCluster.until(() -> bash(second, "echo free > f").exit() == 0);
    assertEquals("", cairn("leases").well().out());
  }

  @Test
  void leaseOfAFileThatAnotherMountWrites_isRefused_untilThatHasClosedIt() throws Exception {
    Program writer = writer(second.resolve("f"));
    busy(bash(first, "touch .cairn/lease/f"));
    assertEquals(1, cairn("lease", "/f").exit());
    writer.endOfInput();
    writer.ended();
    bash(first, "touch .cairn/lease/f && rm .cairn/lease/f").well();
  }

  @Test
  void cleanUnmount_givesLeasesBack_andARestartOfTheMasterDoesNot() throws Exception {
    bash(second, "touch g && touch .cairn/lease/f").well();
    cairn("lease", "/g", "--for", "5m").well();
    cluster.kill("master");
    cluster.up();
    busy(bash(first, "echo other > f"));
    busy(bash(first, "echo other > g"));
    bash(second, "echo mine > f").well();
    cluster.unmount(second);
    bash(first, "touch .cairn/lease/f && echo other > f && rm .cairn/lease/f").well();
    cairn("unlease", "/g").well();
  }

  private Program writer(Path file) throws IOException {
    Program writer = cluster.python(WRITER, file);
    assertEquals("open", writer.says());
    return writer;
  }

  @Test
  void frozenHolder_doesNotWriteOverTheNextOne() throws Exception {
    bash(first, "setfattr -n user.cairn.lease -v 3s f").well();
    Program holder = writer(first.resolve("f"));
    holder.tell("first");
    assertEquals("written", holder.says());
    busy(bash(second, "echo second > f"));
    cluster.pauseWhile(
        cluster.daemon("mount"),
        () -> {
          holder.tell("from the frozen one");
          // Sooner than its session expires: an open file does not stand in the next one's way.
          long began = System.nanoTime();
          TestCluster.until(() -> bash(second, "setfattr -n user.cairn.lease -v 1m f").exit() == 0);
          Duration taken = Duration.ofNanos(System.nanoTime() - began);
          assertTrue(taken.compareTo(Duration.ofSeconds(15)) < 0, "free only after " + taken);
          bash(second, "echo second > f && setfattr -x user.cairn.lease f").well();
        });
    // Nobody has a lease any more, and the first one's is over nevertheless.
    assertEquals("refused 5", holder.says());
    holder.tell("again");
    assertEquals("refused 5", holder.says());
    assertEquals("second\n", Files.readString(second.resolve("f")));
    TestCluster.until(() -> Files.readString(first.resolve("f")).equals("second\n"));
    bash(first, "echo anew >> f").well();
    assertEquals("second\nanew\n", bash(second, "cat f").well().out());
    String log = cluster.log("mount");
    assertTrue(log.contains("the lease of inode"), log);
  }

  @Test
  void shortLease_isRenewedAsLongAsItsMountLives() throws Exception {
    bash(first, "setfattr -n user.cairn.lease -v 1s f").well();
    long end = System.nanoTime() + Duration.ofSeconds(4).toNanos();
    while (System.nanoTime() < end) {
      busy(bash(second, "echo other > f"));
    }
    cluster.kill("mount");
    TestCluster.until(() -> bash(second, "echo other > f").exit() == 0);
  }
}
