package dev.cairn.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How mounts begin and end, and what they do when something goes wrong. */
@Timeout(120)
class MountLifeTest {

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "jnr"})
  void termination_unmountsCleanly(String binding) throws IOException {
    try (Mounted mounted = Mounted.start(binding)) {
      assertTrue(mounted.isMounted(mounted.root()));
      mounted.terminate();
      assertFalse(mounted.isMounted(mounted.root()));
      assertEquals("", mounted.log());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "jnr"})
  void termination_takesABusyMountAway(String binding) throws IOException {
    try (Mounted mounted = Mounted.start(binding)) {
      Process user = mounted.shell(mounted.root()).start("echo in; exec sleep 60");
      try {
        assertEquals('i', user.getInputStream().read());
        mounted.terminate();
        assertFalse(mounted.isMounted(mounted.root()));
      } finally {
        user.destroyForcibly();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "jnr"})
  void umountBySomebodyElse_endsTheProcess(String binding) throws IOException {
    try (Mounted mounted = Mounted.start(binding)) {
      mounted.shell(Path.of("/")).check("umount " + mounted.root());
      Mounted.await("the process ends", () -> !mounted.server().isAlive());
      assertEquals(0, mounted.server().exitValue());
      assertEquals("", mounted.log());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "jnr"})
  void aKilledProcess_leavesErrorsNotHangs(String binding) throws IOException {
    try (Mounted mounted = Mounted.start(binding)) {
      Shell shell = mounted.shell(Path.of("/"));
      shell.check("echo x > " + mounted.root() + "/f");
      mounted.kill();
      shell.refuses("cat " + mounted.root() + "/f", "not connected");
      shell.refuses("ls " + mounted.root(), "not connected");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "jnr"})
  void aDeadMount_isReplacedByMountingAgain(String binding) throws IOException {
    try (Mounted mounted = Mounted.start(binding)) {
      mounted.kill();
      mounted.startServer();
      mounted.shell(mounted.root()).check("echo x > f; test $(cat f) = x");
      assertTrue(mounted.log().contains("left behind by a mount that is dead"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "jnr"})
  void aReadOnlyMount_refusesChanges(String binding) throws IOException {
    try (Mounted mounted = Mounted.start(binding, "--read-only")) {
      Shell shell = mounted.shell(mounted.root());
      shell.check("ls");
      shell.refuses("touch f", "Read-only file system");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "jnr"})
  void killingWhoWaits_endsTheWait(String binding) throws Exception {
    try (Mounted mounted = Mounted.start(binding)) {
      Shell shell = mounted.shell(mounted.root());
      shell.check("echo x > slow; sync; setfattr -n user.slow -v 1 slow");
      for (String signal : new String[] {"KILL", "TERM"}) {
        Process waiting = shell.start("exec sync slow");
        awaitBlocked(waiting);
        shell.check("kill -" + signal + " " + waiting.pid());
        assertTrue(waiting.waitFor(20, TimeUnit.SECONDS), signal + " does not end a wait");
      }
      shell.check("ls; echo y > other; cat other");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "jnr"})
  void aHarmlessSignal_doesNotEndAWait(String binding) throws Exception {
    try (Mounted mounted = Mounted.start(binding)) {
      Shell shell = mounted.shell(mounted.root());
      shell.check("echo content > slow; sync; setfattr -n user.slow -v 1 slow");
      Process waiting =
          shell.start(
              "exec perl -MIO::Handle -e '$SIG{ALRM} = sub {}; open F, \"<\", \"slow\";"
                  + " print F->sync ? \"synced\" : $!'");
      awaitBlocked(waiting);
      for (int i = 0; i < 5; i++) {
        shell.check("kill -ALRM " + waiting.pid());
        assertFalse(waiting.waitFor(100, TimeUnit.MILLISECONDS), "the wait ended");
      }
      shell.check("setfattr -n user.go -v 1 .");
      assertTrue(waiting.waitFor(20, TimeUnit.SECONDS));
      String output = new String(waiting.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(output.contains("synced"), output);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "jnr"})
  void anUnexpectedException_isAnErrorAndNoMore(String binding) throws IOException {
    try (Mounted mounted = Mounted.start(binding)) {
      Shell shell = mounted.shell(mounted.root());
      shell.check("echo x > f; setfattr -n user.broken -v 1 f");
      shell.refuses("dd if=f iflag=direct bs=4096", "Input/output error");
      shell.refuses("echo y >> f", "I/O error");
      shell.check("setfattr -x user.broken f; test $(cat f) = x");
      assertTrue(mounted.log().contains("broken on purpose"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "jnr"})
  void answersFromOtherThreads_areAsGood(String binding) throws IOException {
    try (Mounted mounted = Mounted.start(binding, "--answer-later")) {
      mounted
          .shell(mounted.root())
          .check(
              "head -c 20M /dev/urandom > f; cp f g; cmp f g; mkdir d; seq 500 | sed s.^.d/. |"
                  + " xargs touch; test $(ls d | wc -l) = 500; rm -r d; git init -q r; cd r;"
                  + " echo x > x; git add x; git fsck");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "jnr"})
  void anotherClientsChanges_areSeenByTheNextOpen(String binding) throws IOException {
    try (Mounted mounted = Mounted.start(binding, 2)) {
      Shell here = mounted.shell(mounted.root(0));
      Shell there = mounted.shell(mounted.root(1));
      for (int i = 0; i < 30; i++) {
        // Of the same length every other time: only the content tells.
        String text = "round " + (i / 2 * 2) + (i % 2 == 0 ? "-" : "+++++");
        here.check("echo '" + text + "' > f; cat f > /dev/null");
        assertEquals(text, there.check("cat f"), "round " + i);
        there.check("echo 'back " + i + "' > f");
        assertEquals("back " + i, here.check("cat f"), "round " + i);
      }
    }
  }

  /**
   * Until the process waits for an answer of the filesystem: request_wait_answer in fs/fuse/dev.c.
   */
  private static void awaitBlocked(Process process) {
    Path where = Path.of("/proc", Long.toString(process.pid()), "wchan");
    Mounted.await(
        "process " + process.pid() + " waits for the mount",
        () -> {
          try {
            return Files.readString(where).contains("request_wait_answer");
          } catch (IOException e) {
            return false;
          }
        });
  }
}
