package dev.cairn.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/**
 * What is particular to libfuse 2: files by path. The kernel caches nothing here, so that every
 * question comes to libfuse.
 */
@Timeout(120)
class JnrMountTest {

  private static Mounted mounted;

  private Shell shell;

  @BeforeAll
  static void mount() throws IOException {
    mounted = Mounted.start("jnr", "--cache-millis", "0", "--threads", "1");
  }

  @AfterAll
  static void unmount() throws IOException {
    if (mounted != null) {
      mounted.close();
    }
  }

  @BeforeEach
  void makeDirectory(TestInfo test) {
    String name = test.getTestMethod().orElseThrow().getName();
    mounted.shell(mounted.root()).check("mkdir " + name);
    shell = mounted.shell(mounted.root().resolve(name));
  }

  @Test
  void anUnlinkedOpenFile_hasAttributesAndNoName() {
    assertEquals(
        "6 0 600 zero",
        shell.check(
            """
            exec 3<> f; echo first >&3; rm f; test -z "$(ls -A)"
            chmod 600 /proc/self/fd/3
            stat -L -c '%s %h %a' /proc/self/fd/3 | tr '\\n' ' '
            truncate -s 0 /proc/self/fd/3
            test "$(stat -L -c %s /proc/self/fd/3)" = 0 && echo zero
            """));
  }

  @Test
  void anUnlinkedOpenFile_withAnotherLink_countsThat() {
    assertEquals(
        "1 1",
        shell.check("> f; ln f g; exec 3< f; rm f; echo $(stat -L -c %h /proc/self/fd/3 g)"));
  }

  @Test
  void anUnlinkedOpenFile_canBeOpenedAgain() {
    assertEquals("text", shell.check("echo text > f; exec 3< f; rm f; cat /proc/self/fd/3"));
  }

  @Test
  void aReplacedOpenFile_hasAttributesAndNoName() {
    assertEquals(
        "4 0 g",
        shell.check(
            "echo old > g; echo newer > f; exec 3< g; mv f g;"
                + " echo $(stat -L -c '%s %h' /proc/self/fd/3) $(ls -A)"));
  }

  @Test
  void aRefusedReplacement_leavesTheOpenFile() {
    shell.check("mkdir d; > f; exec 3< f; ! mv -T d f 2> /dev/null; test -f f; test -d d; cat <&3");
  }

  @Test
  void aDirectory_whoseRemovedFileIsOpen_canBeRemoved() {
    shell.check("mkdir d; > d/f; exec 3> d/f; rm d/f; rmdir d; echo more >&3");
  }

  @Test
  void aDirectory_whoseRemovedFileIsOpen_canBeRenamed() {
    assertEquals(
        "5",
        shell.check(
            "mkdir d; exec 3> d/f; rm d/f; mv d e; echo more >&3;"
                + " stat -L -c %s /proc/self/fd/3; rmdir e"));
  }

  @Test
  void namesLikeThoseOfLibfuse_areOrdinaryNames() {
    assertEquals(
        "kept",
        shell.check(
            "n=.fuse_hidden0000000500000001; echo kept > f; mv f $n; cat $n; exec 3< $n; rm $n;"
                + " test -z \"$(ls -A)\""));
  }

  @Test
  void hardLinks_areOneContentWhenOpenedAnew() {
    shell.check(
        "echo 1 > f; ln f g; cat f g > /dev/null; for i in 2 3 4 5; do"
            + " echo $i > f; test $(cat g) = $i; echo +$i > g; test $(cat f) = +$i; done");
  }

  @Test
  void aPathThatShowsAnotherFile_showsItsContent() {
    assertEquals(
        "b a b",
        shell.check(
            "echo a > f; echo b > g; cat f g > /dev/null; mv f t; mv g f; mv t g;"
                + " x=$(cat f); y=$(cat g); rm g; ln f g; echo $x $y $(cat g)"));
  }

  @Test
  void onlyOneOfTwoTimes_canBeSet() {
    assertEquals("7 5", shell.check("touch -d @5 f; touch -a -d @7 f; stat -c '%X %Y' f"));
  }

  @Test
  void holes_countAsData() {
    assertEquals(
        "1000000",
        shell.check(
            "truncate -s 1000000 f; perl -e 'open F, \"<\", \"f\"; print sysseek(F, 0, 4)'"));
  }

  @Test
  void manyWhoWait_holdUpNobodyElse() {
    shell.check("echo x > slow; sync; setfattr -n user.slow -v 1 slow");
    List<Process> waiting = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        waiting.add(shell.start("exec dd if=slow iflag=direct bs=4096"));
      }
      shell.check("for i in $(seq 20); do echo x > f$i; done; ls -l");
      assertTrue(waiting.stream().allMatch(Process::isAlive));
    } finally {
      waiting.forEach(Process::destroyForcibly);
    }
  }

  /** The length that one link was seen to have must not be taken for what the kernel knows. */
  @Test
  void anotherClientsChange_isSeenWholeThroughEitherLink() throws IOException {
    try (Mounted two = Mounted.start("jnr", 2, "--cache-millis", "60000")) {
      Shell here = two.shell(two.root(0));
      Shell there = two.shell(two.root(1));
      here.check("echo 1 > f; cat f; stat f");
      for (int i = 0; i < 5; i++) {
        String text = "longer by " + "x".repeat(i + 1);
        there.check("echo '" + text + "' > f; ln f link" + i);
        // The new link's attributes are those of the same inode, but the kernel has them for it
        // alone.
        assertEquals(text, here.check("stat link" + i + " > /dev/null; cat f"));
        assertEquals(text, here.check("cat link" + i));
      }
    }
  }
}
