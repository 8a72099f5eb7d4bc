package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a check says of a real cluster, and of damage done to it. */
class FsckTest {

  @TempDir Path scratch;
  private TestCluster cluster;

  @BeforeEach
  void up() throws Exception {
    cluster = new TestCluster(scratch);
    cluster.upWithoutMount();
  }

  @AfterEach
  void down() throws Exception {
    if (cluster != null) {
      cluster.end();
    }
  }

  private Ran fsck(String... arguments) throws Exception {
    return cluster.cairn("fsck", (Object[]) arguments);
  }

  /** Takes the bytes of all large chunks away, on every server. */
  private void removeChunkFiles() throws Exception {
    int removed = 0;
    for (int server = 1; server <= 3; server++) {
      try (Stream<Path> all =
          Files.walk(cluster.directory().resolve("chunkserver-" + server + "/chunks"))) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          Files.delete(file);
          removed++;
        }
      }
    }
    assertEquals(4, removed, "data and checksums of two replicas");
  }

  private Ran whenReported() throws Exception {
    Ran[] ran = new Ran[1];
    TestCluster.until(
        () -> {
          ran[0] = fsck();
          return !ran[0].lastLine().contains("replicas were not checked");
        });
    return ran[0];
  }

  @Test
  void lostChunks_areSaidWithThePathsOfTheirFiles() throws Exception {
    Path large = Files.write(scratch.resolve("large"), new byte[3_000_000]);
    Path small = Files.writeString(scratch.resolve("small"), "small");
    cluster.cairn("mkdir", "/d").well();
    cluster.cairn("put", large, "/d/large").well();
    cluster.cairn("put", small, "/small").well();
    Ran healthy = fsck("--read").well();
    assertEquals(1, healthy.lines().size(), healthy::toString);
    assertTrue(
        healthy.lastLine().endsWith("read 2 files, 3,000,005 bytes: nothing is wrong"),
        healthy::toString);

    cluster.cairn("down").well();
    removeChunkFiles();
    cluster.upWithoutMount();
    Ran damaged = whenReported();
    assertEquals(1, damaged.exit(), damaged::toString);
    assertEquals(2, damaged.lines().size(), damaged::toString);
    assertTrue(
        damaged.lines().get(0).startsWith("/d/large: 3000000 bytes cannot be read, the first at 0"),
        damaged::toString);
    assertTrue(damaged.lastLine().endsWith(": 1 problem"), damaged::toString);
    fsck("/small").well();
    long began = System.nanoTime();
    Ran read = fsck("--read", "/d");
    assertTrue(System.nanoTime() - began < 10_000_000_000L, "lost bytes are not waited for");
    assertEquals(1, read.exit());
    assertEquals(2, read.lines().size(), read::toString);
    assertTrue(read.lastLine().endsWith(": 1 problem"), read::toString);
  }
}
