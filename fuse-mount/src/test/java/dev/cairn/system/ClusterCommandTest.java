package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster on this machine, from {@code up} to {@code down}, and what is killed in between. */
class ClusterCommandTest {

  @TempDir Path scratch;
  private Shell shell;
  private String directory;
  private Path mountPoint;

  @BeforeEach
  void makeShell() {
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
    shell = new Shell(scratch);
    directory = scratch.resolve("cluster").toString();
    mountPoint = scratch.resolve("mount point");
  }

  @AfterEach
  void stopEverything() throws Exception {
    if (directory != null && Files.exists(Path.of(directory, "cluster.conf"))) {
      shell.cairn("down", "--dir", directory).well();
    }
  }

  @Test
  void cluster_isStartedUsedKilledInPartsAndStopped() throws Exception {
    Ran up = shell.cairn("up", "--dir", directory, "--mount", mountPoint.toString()).well();
    assertTrue(up.out().contains("Started master, chunkserver-1"), up::toString);
    Ran status = shell.cairn("status").well();
    assertTrue(status.lines().contains("under-replicated chunks: 0"), status::toString);
    assertEquals("healthy", status.lastLine());
    assertTrue(status.lines().get(0).matches("master 127\\.0\\.0\\.1:\\d+"), status::toString);

    filesGoBothWays();

    kill("chunkserver-2");
    Ran degraded = shell.cairn("status");
    assertEquals(1, degraded.exit(), degraded::toString);
    assertTrue(degraded.lastLine().contains("processes-missing"), degraded::toString);
    assertTrue(degraded.out().contains("not running on this machine: chunkserver-2"));
    Ran again = shell.cairn("up").well();
    assertEquals("Started chunkserver-2.", again.lines().get(0));

    kill("mount");
    assertEquals("Started mount.", shell.cairn("up").well().lines().get(0));
    sameAsMounted();
    assertEquals("Everything runs already.", shell.cairn("up").well().lines().get(0));

    shell.cairn("down").well();
    assertEquals(3, shell.cairn("status").exit());
    assertEquals("Nothing was running.\n", shell.cairn("down").well().out());
    Path run = Path.of(directory, "run");
    assertFalse(Files.exists(run.resolve("master.pid")));
    assertFalse(Files.readString(Path.of("/proc/self/mounts")).contains(directory));

    shell.cairn("up").well();
    sameAsMounted();
    assertEquals("healthy", shell.cairn("status").well().lastLine());
  }

  /** More than a client's write buffer holds, in files large and small. */
  private void filesGoBothWays() throws Exception {
    Path source = Files.createDirectories(scratch.resolve("source").resolve("below"));
    Random random = new Random(1);
    byte[] large = new byte[70 << 20];
    random.nextBytes(large);
    Files.write(source.resolve("large"), large);
    for (int i = 0; i < 40; i++) {
      Files.writeString(source.resolve("small " + i), "content " + i);
    }
    Files.createSymbolicLink(source.resolve("link"), Path.of("large"));
    shell.cairn("put", "-r", "--verify", scratch.resolve("source").toString(), "/tree").well();
    shell.cairn("get", "-r", "/tree", scratch.resolve("back").toString()).well();
    same(scratch.resolve("back"));
    sameAsMounted();
    shell
        .run(List.of("cp", "-a", scratch.resolve("source").toString(), mountPoint + "/copied"))
        .well();
    assertEquals("copied\ntree\n", shell.cairn("ls", "/").well().out());
    Ran piped =
        shell.run(
            List.of(
                "bash",
                "-c",
                "\"$0\" cat /tree/below/large | head -c 3 | wc -c",
                Shell.launcher().toString()));
    assertEquals("", piped.err());
    assertEquals("3", piped.out().strip());
  }

  private void sameAsMounted() throws Exception {
    same(mountPoint.resolve("tree"));
  }

  private void same(Path copy) throws Exception {
    shell
        .run(
            List.of(
                "diff",
                "-r",
                "--no-dereference",
                scratch.resolve("source").toString(),
                copy.toString()))
        .well();
  }

  private void kill(String daemon) throws Exception {
    TestCluster.kill(Path.of(directory, "run", daemon + ".pid"));
  }

  @Test
  void wrongUsage_isExitCode2_inOneLine() throws Exception {
    for (String[] wrong :
        List.of(
            new String[] {"frobnicate"},
            new String[] {"ls"},
            new String[] {"mount"},
            new String[] {"master"},
            new String[] {"chunkserver", "--frob"})) {
      Ran ran = shell.cairn(wrong);
      assertEquals(2, ran.exit(), ran::toString);
      assertEquals(1, ran.err().lines().count(), ran::toString);
    }
  }

  @Test
  void startThatFails_showsTheEndOfTheLog() throws Exception {
    Files.createDirectories(Path.of(directory));
    Files.writeString(Path.of(directory, "master"), "in the way of the master's data");
    Ran ran = shell.cairn("up", "--dir", directory, "--no-mount");
    assertEquals(1, ran.exit(), ran::toString);
    assertTrue(ran.err().startsWith("cairn up: master ended with exit code 1"), ran::toString);
    assertTrue(ran.err().lines().count() > 1, ran::toString);
  }

  @Test
  void masterThatIsAway_isOneSentence() throws Exception {
    Ran ran = shell.cairn("ls", "--master", "127.0.0.1:1", "--timeout", "1s");
    assertEquals(1, ran.exit());
    assertEquals(
        "cairn ls: the master at 127.0.0.1:1 cannot be reached: connection refused\n", ran.err());
    Ran mount = shell.cairn("mount", "--master", "127.0.0.1:1", scratch.resolve("no").toString());
    assertEquals(1, mount.exit());
    assertEquals(1, mount.err().lines().count(), mount::toString);
  }
}
