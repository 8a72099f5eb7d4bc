package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a check says of a real cluster, and of damage done to it. */
class FsckTest {

  @TempDir Path scratch;
  private Shell shell;
  private String directory;

  @BeforeEach
  void up() throws Exception {
    shell = new Shell(scratch);
    directory = scratch.resolve("cluster").toString();
    shell.cairn("up", "--dir", directory, "--no-mount").well();
  }

  @AfterEach
  void down() throws Exception {
    shell.cairn("down", "--dir", directory).well();
  }

  private Ran fsck(String... arguments) throws Exception {
    String[] all = new String[arguments.length + 3];
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[0] = "fsck";
    all[all.length - 2] = "--dir";
    all[all.length - 1] = directory;
    return shell.cairn(all);
  }

  /** Takes the bytes of all large chunks away, on every server. */
  private void removeChunkFiles() throws Exception {
    int removed = 0;
    for (int server = 1; server <= 3; server++) {
      try (Stream<Path> all = Files.walk(Path.of(directory, "chunkserver-" + server, "chunks"))) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          Files.delete(file);
          removed++;
        }
      }
    }
    assertEquals(4, removed, "data and checksums of two replicas");
  }

  private Ran whenReported() throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    Ran ran = fsck();
    while (ran.lastLine().contains("replicas were not checked")) {
      assertTrue(System.nanoTime() < end, ran::toString);
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      ran = fsck();
    }
    return ran;
  }

  @Test
  void lostChunks_areSaidWithThePathsOfTheirFiles() throws Exception {
    Path large = Files.write(scratch.resolve("large"), new byte[3_000_000]);
    Path small = Files.writeString(scratch.resolve("small"), "small");
    shell.cairn("mkdir", "/d", "--dir", directory).well();
    shell.cairn("put", large.toString(), "/d/large", "--dir", directory).well();
    shell.cairn("put", small.toString(), "/small", "--dir", directory).well();
    Ran healthy = fsck("--read").well();
    assertEquals(1, healthy.lines().size(), healthy::toString);
    assertTrue(
        healthy.lastLine().endsWith("read 2 files, 3,000,005 bytes: nothing is wrong"),
        healthy::toString);

    shell.cairn("down", "--dir", directory).well();
    removeChunkFiles();
    shell.cairn("up", "--dir", directory, "--no-mount").well();
    Ran damaged = whenReported();
    assertEquals(1, damaged.exit(), damaged::toString);
    assertEquals(2, damaged.lines().size(), damaged::toString);
    assertTrue(
        damaged.lines().get(0).startsWith("/d/large: 3000000 bytes cannot be read, the first at 0"),
        damaged::toString);
    assertTrue(damaged.lastLine().endsWith(": 1 problem"), damaged::toString);
    fsck("/small").well();
    Ran read = fsck("--read", "/d");
    List<String> lines = read.lines();
    assertEquals(1, read.exit());
    assertTrue(lines.get(1).startsWith("/d/large: it cannot be read: "), read::toString);
  }
}
