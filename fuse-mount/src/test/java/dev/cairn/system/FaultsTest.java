package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a mounted cluster of real processes does when parts of it are killed, damaged, full or
 * missing.
 */
class FaultsTest {

  private static final int LARGE_BYTES = 96 << 20;

  /** A time to the minute, as 'cairn servers' shows when a pass of scrubbing ended. */
  private static final Pattern SCRUBBED =
      Pattern.compile("\\b20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d\\b");

  @TempDir Path scratch;
  private final List<Path> disks = new ArrayList<>();
  private TestCluster cluster;
  private Path large;

  @BeforeEach
  void prepare() throws Exception {
    cluster = new TestCluster(scratch);
    large = scratch.resolve("large");
    byte[] bytes = new byte[LARGE_BYTES];
    new Random(7).nextBytes(bytes);
    Files.write(large, bytes);
  }

  @AfterEach
  void stopEverything() throws Exception {
    if (cluster == null) {
      return;
    }
    try {
      cluster.end();
    } finally {
      for (Path disk : disks) {
        cluster.run("umount", "-l", disk.toString());
      }
    }
  }

  /** Runs a script; $1 is the mount point, $2 the large file. */
  private Ran bash(String script) throws Exception {
    return cluster.bash(script, cluster.mountPoint(), large);
  }

  /** Copies the large file again and again while something happens; every copy must be well. */
  private void copyWhile(TestCluster.Action fault) throws Exception {
    Process copying =
        new ProcessBuilder(
                "bash",
                "-c",
                "for i in 1 2 3; do cp \"$1\" \"$2/copy$i\" || exit 1; done",
                "test",
                large.toString(),
                cluster.mountPoint().toString())
            .redirectErrorStream(true)
            .redirectOutput(scratch.resolve("cp.out").toFile())
            .start();
    try {
      TestCluster.until(() -> Files.exists(cluster.mountPoint().resolve("copy1")));
      fault.run();
      assertTrue(copying.waitFor(120, TimeUnit.SECONDS), "cp does not end");
    } finally {
      copying.destroyForcibly();
    }
    assertEquals(0, copying.exitValue(), Files.readString(scratch.resolve("cp.out")));
    bash("for i in 1 2 3; do cmp \"$2\" \"$1/copy$i\" || exit 1; done").well();
  }

  @Test
  void killedChunkServer_isNoErrorToAnyApplication() throws Exception {
    cluster.up();
    copyWhile(() -> cluster.kill("chunkserver-2"));
    Ran status = cluster.status();
    assertNotEquals("healthy", status.lastLine(), status::toString);
  }

  @Test
  void pausedChunkServer_delaysAnFsyncForSecondsOnly() throws Exception {
    cluster.up("--chunkservers", "2");
    bash("echo before > \"$1/log\"; sync \"$1/log\"").well();
    cluster.pauseWhile(
        cluster.daemon("chunkserver-2"),
        () -> {
          long start = System.nanoTime();
          // Nobody but the fsync asks the server for anything.
          bash("sync \"$1/log\"").well();
          Duration taken = Duration.ofNanos(System.nanoTime() - start);
          assertTrue(taken.compareTo(Duration.ofSeconds(15)) < 0, "fsync took " + taken);
        });
    String log = cluster.log("mount");
    assertTrue(log.contains("failed and is avoided"), log);
  }

  @Test
  void killedMaster_isWaitedFor_andNothingClosedIsLost() throws Exception {
    cluster.up();
    bash("cp -a /etc/skel \"$1/skel\"").well();
    copyWhile(
        () -> {
          cluster.kill("master");
          cluster.up();
        });
    bash("diff -r /etc/skel \"$1/skel\"").well();
    Ran status = cluster.status();
    assertTrue(status.lines().contains("missing chunks: 0"), status::toString);
    assertTrue(status.lines().contains("chunk servers: 3 alive, 0 dead"), status::toString);
  }

  @Test
  void killedMount_leavesWhatWasClosed() throws Exception {
    cluster.up();
    bash("cp \"$2\" \"$1/closed\"").well();
    cluster.kill("mount");
    cluster.up();
    bash("cmp \"$2\" \"$1/closed\"").well();
  }

  @Test
  void flippedBytes_areNeverRead_andTheStatusNamesTheReplica() throws Exception {
    cluster.up();
    bash("split -b 4M \"$2\" \"$1/part.\" && for i in $(seq 20); do echo \"small $i\" > \"$1/s$i\"; done")
        .well();
    cluster.unmount(cluster.mountPoint());
    flipOneByteOfEach(cluster.directory().resolve(cluster.fullestServer()));
    cluster.up();
    bash("cat \"$1\"/part.* | cmp - \"$2\"").well();
    Ran small = bash("for i in $(seq 20); do cat \"$1/s$i\"; done").well();
    assertEquals(
        Stream.iterate(1, i -> i + 1).limit(20).map(i -> "small " + i).toList(), small.lines());
    // Bad, or put aside already: named it is, with the block and the file.
    Ran status = cluster.status();
    assertTrue(status.out().contains("does not match its checksum"), status::toString);
  }

  @Test
  void scrubPass_findsFlippedBytes_thatNobodyRead() throws Exception {
    cluster.up();
    bash("split -b 4M \"$2\" \"$1/part.\"").well();
    Path data = cluster.directory().resolve(cluster.fullestServer());
    int damaged = TestCluster.chunkFiles(data).size();
    flipOneByteOfEach(data);
    Ran scrub = cluster.cairn("scrub", "--now").well();
    assertEquals(3, scrub.lines().size(), scrub::toString);
    String log = cluster.log(data.getFileName().toString());
    long found = log.lines().filter(line -> line.contains("is damaged: block")).count();
    assertEquals(damaged, found, log);
    Ran servers = cluster.cairn("servers").well();
    assertEquals(3, SCRUBBED.matcher(servers.out()).results().count(), servers::toString);
    assertFalse(servers.out().contains("never"), servers::toString);
  }

  private static void flipOneByteOfEach(Path data) throws IOException {
    for (Path file : TestCluster.chunkFiles(data)) {
      try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
        long at = bytes.length() / 2;
        bytes.seek(at);
        int before = bytes.read();
        bytes.seek(at);
        bytes.write(before ^ 4);
      }
    }
  }

  @Test
  void oneChunkServerForTwoReplicas_works_andTheStatusSaysWhatIsMissing() throws Exception {
    cluster.up("--chunkservers", "1");
    bash("cp \"$2\" \"$1/large\" && cmp \"$2\" \"$1/large\"").well();
    Ran status = cluster.status();
    assertTrue(
        status.lines().stream()
            .anyMatch(line -> line.matches("under-replicated chunks: [1-9]\\d*")),
        status::toString);
  }

  @Test
  void noChunkServer_isAClearErrorAfterThePatience_andNamesWork() throws Exception {
    cluster.upWithoutMount("--chunkservers", "1");
    Path mount = cluster.mount("impatient", "--patience", "3s");
    cluster.kill("chunkserver-1");
    long start = System.nanoTime();
    Ran copy = cluster.bash("cp \"$2\" \"$1/large\"", mount, large);
    assertEquals(1, copy.exit(), copy::toString);
    assertTrue(copy.err().contains("Input/output error"), copy::toString);
    assertTrue(System.nanoTime() - start < Duration.ofSeconds(40).toNanos());
    cluster.bash("ls \"$1\" && mkdir \"$1/still\" && mv \"$1/still\" \"$1/works\"", mount).well();
  }

  @Test
  void failedWriteInTheBackground_isToldByTheNextFsync() throws Exception {
    cluster.upWithoutMount("--chunkservers", "1");
    Path mount = cluster.mount("impatient", "--patience", "3s");
    cluster.kill("chunkserver-1");
    Path log = Path.of(mount + ".log");
    Ran write =
        cluster.bash(
            "(echo bytes; for i in $(seq 600); do grep -q 'could not be stored' '"
                + log
                + "' && exit 0; sleep 0.1; done; exit 9) | dd bs=512 of=\"$1/file\" conv=fsync;"
                + " ends=(\"${PIPESTATUS[@]}\"); [ ${ends[0]} -eq 0 ] || exit 9; exit ${ends[1]}",
            mount);
    assertNotEquals(9, write.exit(), "the log does not say that the write failed");
    assertEquals(1, write.exit(), write::toString);
    assertTrue(write.err().contains("Input/output error"), write::toString);
  }

  @Test
  void fullDisks_areNoSpace_andDeletingMakesRoom() throws Exception {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "mounts a tmpfs");
    for (int i = 1; i <= 2; i++) {
      Path data = Files.createDirectories(cluster.directory().resolve("chunkserver-" + i));
      cluster.run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", data + "").well();
      disks.add(data);
    }
    cluster.up("--chunkservers", "2");
    bash("head -c 20M \"$2\" > \"$1/kept\"").well();
    Ran copy = bash("cp \"$2\" \"$1/large\"");
    assertEquals(1, copy.exit(), copy::toString);
    assertTrue(copy.err().contains("No space left on device"), copy::toString);
    bash("head -c 20M \"$2\" | cmp - \"$1/kept\"").well();
    bash("rm -f \"$1/large\" \"$1/kept\" && ls \"$1\"").well();
  }

  @Test
  void twoMounts_seeWhatTheOtherClosed_atOnce() throws Exception {
    cluster.up();
    Path here = cluster.mountPoint();
    Path other = cluster.mount("other");
    Random random = new Random(3);
    for (int round = 0; round < 200; round++) {
      Path from = round % 2 == 0 ? here : other;
      Path to = round % 2 == 0 ? other : here;
      byte[] bytes = new byte[1 + random.nextInt(20_000)];
      random.nextBytes(bytes);
      Files.write(from.resolve("file"), bytes);
      assertArrayEquals(bytes, Files.readAllBytes(to.resolve("file")), "round " + round);
    }
  }

  @Test
  void theOriginalChunkSize_works() throws Exception {
    cluster.up();
    bash("mkdir \"$1/d\" && setfattr -n user.cairn.chunk_size -v 2048 \"$1/d\""
            + " && head -c 24M \"$2\" > \"$1/d/f\" && head -c 24M \"$2\" | cmp - \"$1/d/f\"")
        .well();
    Ran size = bash("getfattr --only-values -n user.cairn.chunk_size \"$1/d/f\"").well();
    assertEquals("2048", size.out());
    bash("printf overwritten | dd of=\"$1/d/f\" bs=1 seek=2040 conv=notrunc 2>/dev/null"
            + " && dd if=\"$1/d/f\" bs=1 skip=2040 count=11 2>/dev/null | grep -qx overwritten")
        .well();
  }
}
