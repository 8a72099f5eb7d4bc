package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What was deleted on a mount can be brought back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrashTest {

  private TestCluster cluster;

  @BeforeAll
  void up(@TempDir Path scratch) throws Exception {
    cluster = new TestCluster(scratch);
    cluster.up();
  }

  @AfterAll
  void down() throws Exception {
    if (cluster != null) {
      cluster.end();
    }
  }

  private Ran bash(String script) throws Exception {
    return cluster.bashIn(cluster.mountPoint(), script);
  }

  private Ran trash(String... arguments) throws Exception {
    return cluster.cairn("trash", (Object[]) arguments);
  }

  /** Names, types, modes, owners, times and contents of a tree, in lines. */
  private String shown(String tree) throws Exception {
    return bash("find "
            + tree
            + " -printf '%P %y %m %U %G %T@ %l\\n' | sort;"
            + " find "
            + tree
            + " -type f -exec md5sum {} + | sort")
        .well()
        .out();
  }

  @Test
  void deletedTree_comesBackEqual() throws Exception {
    bash("mkdir -p tree/a/b tree/empty && head -c 3000000 /dev/urandom > tree/a/big"
            + " && for i in $(seq 300); do echo $i > tree/a/b/f$i; done && touch tree/a/nothing"
            + " && ln -s a/big tree/link && chmod 750 tree/a && touch -d 2001-02-03 tree/a tree")
        .well();
    final String before = shown("tree");
    bash("rm -r tree && ! ls tree").well();
    assertTrue(trash("ls", "/tree/a/b").well().lines().size() >= 300);
    Ran restored = trash("restore", "/tree").well();
    assertEquals("restored 307 entries", restored.lastLine());
    bash("for i in $(seq 100); do ls tree/a/b/f300 2> /dev/null && exit; sleep 0.1; done").well();
    assertEquals(before, shown("tree"));
    assertEquals("", trash("ls").well().out());
  }

  @Test
  void replacedFile_isKept_andADirectoryMayWantNothingKept() throws Exception {
    bash("echo old > f && echo new > g && mv g f && mkdir scratch"
            + " && setfattr -n user.cairn.trash -v 0 scratch && echo x > scratch/x"
            + " && rm scratch/x && getfattr --only-values -n user.cairn.trash f")
        .well();
    assertEquals(1, trash("ls").well().lines().size());
    assertEquals(1, trash("restore", "/f").exit());
    trash("restore", "/f", "--to", "/f.old").well();
    assertEquals("old\n", bash("cat f.old").well().out());
    assertEquals("new\n", bash("cat f").well().out());
    bash("rm f f.old").well();
    assertEquals("let go of 2 entries", trash("empty", "--all").well().lastLine());
    assertEquals("", trash("ls").well().out());
  }
}
