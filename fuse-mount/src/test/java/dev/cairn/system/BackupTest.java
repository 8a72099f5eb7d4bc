package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The master's disk dies, and its names come back from a backup. */
class BackupTest {

  private static final String SUMS = "find . -type f | sort | xargs sha256sum; find . | wc -l";

  @TempDir Path scratch;
  private TestCluster cluster;
  private Path target;

  @BeforeEach
  void start() throws Exception {
    cluster = new TestCluster(scratch);
    target = scratch.resolve("backup");
    cluster.up();
  }

  @AfterEach
  void end() throws Exception {
    cluster.end();
  }

  @Test
  void masterThatLostItsDisk_isRestored_andNothingLaterIsTakenBack() throws Exception {
    final Path other = cluster.mount("other");
    Path files = cluster.mountPoint();
    fill(files);
    final String before = cluster.bashIn(files, SUMS).well().out();
    Ran made = cluster.cairn("backup", target).well();
    assertTrue(made.out().startsWith("backed up cluster "), made::toString);
    Ran verified = cluster.cairn("backup", "--verify", target).well();
    assertEquals("nothing is wrong", verified.lastLine().replaceAll(".*: ", ""));
    assertTrue(cluster.status().out().contains("newest backup: "), () -> "no age");

    cluster.bashIn(
        files,
        "mkdir later; for i in $(seq 30); do echo later $i > later/$i; done;"
            + " rm small/3; mv small/4 small/moved; echo more >> small/5; sync");
    cluster.kill("master");
    remove(cluster.directory().resolve("master"));
    Ran refused = cluster.cairn("up");
    assertEquals(1, refused.exit(), refused::toString);
    assertTrue(refused.err().contains("cairn restore"), refused::toString);
    Ran running = cluster.cairn("restore", target);
    assertEquals(1, running.exit(), running::toString);
    assertTrue(running.err().contains("'cairn down' first"), running::toString);
    cluster.cairn("down").well();
    damagedBackup_isRefused();

    cluster.cairn("restore", target).well();
    cluster.up();
    Ran status = cluster.status();
    assertEquals(1, status.exit(), status::toString);
    assertTrue(status.lastLine().contains("deletions-held"), status::toString);
    assertTrue(status.out().contains("restored from the backup of"), status::toString);
    assertEquals(before, cluster.bashIn(files, SUMS).well().out());
    long unknown = unknownChunks(status);
    assertTrue(unknown > 0, status::toString);
    Ran checked = cluster.cairn("fsck");
    assertEquals(1, checked.exit(), checked::toString);
    assertTrue(
        checked.out().contains("chunk servers hold " + unknown + " chunks of files that are not"),
        checked::toString);
    assertTrue(checked.lastLine().endsWith(": 1 problem"), checked::toString);

    newFiles_areFine(files, other);
    assertTrue(unknownChunks(cluster.status()) >= unknown);
    cluster.cairn("resume-deletions").well();
    cluster.untilStatus("healthy");
    Ran clean = cluster.cairn("fsck", "--read").well();
    assertTrue(clean.lastLine().endsWith("nothing is wrong"), clean::toString);
    assertEquals(before, cluster.bashIn(files, "rm -r new*; " + SUMS).well().out());
  }

  private static void fill(Path files) throws IOException {
    Files.createDirectories(files.resolve("small"));
    for (int i = 0; i < 40; i++) {
      Files.writeString(files.resolve("small/" + i), "content " + i);
    }
    byte[] large = new byte[5 << 20];
    new Random(1).nextBytes(large);
    Files.write(files.resolve("large"), large);
  }

  /** The master's directory stays as it is not there. */
  private void damagedBackup_isRefused() throws Exception {
    Path damaged = scratch.resolve("damaged");
    cluster.run("cp", "-r", target.toString(), damaged.toString()).well();
    Path table;
    try (Stream<Path> tables = Files.list(damaged.resolve("tables"))) {
      table =
          tables
              .filter(file -> file.toString().endsWith(".sst"))
              .max(Comparator.comparingLong(file -> file.toFile().length()))
              .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(table);
    bytes[bytes.length / 2] ^= 1;
    Files.write(table, bytes);
    for (List<Object> arguments :
        List.of(List.<Object>of("--verify", damaged), List.<Object>of(damaged))) {
      String command = arguments.size() == 1 ? "restore" : "backup";
      Ran refused = cluster.cairn(command, arguments.toArray());
      assertEquals(1, refused.exit(), refused::toString);
      assertTrue(refused.err().contains(table + " does not match"), refused::toString);
    }
    assertFalse(Files.exists(cluster.directory().resolve("master")));
  }

  /** Both by a mount that was started since, and by one that has lived through it all. */
  private void newFiles_areFine(Path files, Path other) throws Exception {
    TestCluster.until(() -> cluster.bashIn(other, "echo x > new-probe").exit() == 0);
    int number = 0;
    for (Path from : List.of(files, other)) {
      Path to = from.equals(files) ? other : files;
      String name = "new-" + number++;
      cluster.bashIn(from, "for i in $(seq 20); do echo " + name + " $i >> " + name + "; done");
      cluster.bashIn(from, "cat large small/5 > " + name + "-joined").well();
      assertEquals(
          cluster.bashIn(from, "cat " + name + " " + name + "-joined | sha256sum").well().out(),
          cluster.bashIn(to, "cat " + name + " " + name + "-joined | sha256sum").well().out());
    }
    String joined = "cat large small/5 | sha256sum; cat new-0-joined | sha256sum";
    List<String> sums = cluster.bashIn(other, joined).well().lines();
    assertEquals(sums.get(0), sums.get(1));
    assertEquals("content 5", cluster.bashIn(other, "cat small/5").well().out());
    assertFalse(Files.exists(other.resolve("later")));
  }

  private static long unknownChunks(Ran status) {
    return status.lines().stream()
        .filter(line -> line.startsWith("chunks of files that are not known: "))
        .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElse(0);
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
