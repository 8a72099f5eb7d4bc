package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chunk servers that an operator takes away and adds, each with a disk of its own. */
class DrainTest {

  @TempDir Path scratch;
  private final List<Path> disks = new ArrayList<>();
  private TestCluster cluster;

  @BeforeEach
  void prepare() throws Exception {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "mounts a tmpfs");
    cluster = new TestCluster(scratch);
    for (int i = 1; i <= 4; i++) {
      Path disk = Files.createDirectories(cluster.directory().resolve("chunkserver-" + i));
      cluster.run("mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", disk.toString()).well();
      disks.add(disk);
    }
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

  /** Runs a script; $1 is the mount point, $2 a directory that is not. */
  private Ran bash(String script) throws Exception {
    return cluster.bash(script, cluster.mountPoint(), scratch);
  }

  /** The address of chunkserver-N. */
  private String address(int number) throws Exception {
    List<String> ports =
        Files.readAllLines(cluster.directory().resolve("cluster.conf")).stream()
            .filter(line -> line.startsWith("chunkserver-port"))
            .map(line -> line.substring(line.indexOf('=') + 1).strip())
            .toList();
    return "127.0.0.1:" + ports.get(number - 1);
  }

  private long usedBytes(String address) throws Exception {
    Matcher found =
        Pattern.compile(
                '"' + Pattern.quote(address) + "\".*?\"used_bytes\": (\\d+)", Pattern.DOTALL)
            .matcher(cluster.cairn("servers", "--json").well().out());
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  @Test
  void aDrainedServer_mayDieAndBeForgotten_andANewOneTakesItsPart() throws Exception {
    cluster.up("--chunkservers", "3", "--chunk-size", "2M");
    bash("head -c 60M /dev/urandom > \"$2/large\" && cp \"$2/large\" \"$1/before\"").well();
    String leaving = address(1);
    Ran refused = cluster.cairn("forget", leaving);
    assertEquals(1, refused.exit());
    assertTrue(refused.err().contains("it is alive"), refused::toString);

    // Clients write on meanwhile, and see nothing of it.
    Ran drained =
        bash(
            "for i in 1 2 3 4 5 6; do head -c 3M \"$2/large\" > \"$1/during-$i\" || exit 9; done & "
                + Shell.launcher()
                + " drain --dir '"
                + cluster.directory()
                + "' --wait "
                + leaving
                + " && wait $!");
    assertTrue(drained.well().lastLine().contains("is drained"), drained::toString);
    cluster.kill("chunkserver-1");
    bash("cmp \"$2/large\" \"$1/before\" && for i in 1 2 3 4 5 6; do head -c 3M \"$2/large\" | cmp"
            + " - \"$1/during-$i\" || exit 9; done")
        .well();
    TestCluster.until(() -> cluster.cairn("forget", leaving).exit() == 0);
    List<String> status = cluster.status().lines();
    assertTrue(status.contains("under-replicated chunks: 0"), status::toString);
    assertTrue(status.contains("missing chunks: 0"), status::toString);
    assertTrue(status.contains("chunk servers: 2 alive, 0 dead"), status::toString);

    // The forgotten one comes back, as another server, and a new one joins.
    cluster.up("--chunkservers", "4");
    cluster.untilStatus("chunk servers: 4 alive, 0 dead");
    String joined = address(4);
    TestCluster.until(() -> usedBytes(joined) > 10 << 20);
    TestCluster.until(() -> cluster.log("master").contains("rebalancing is over"));
    cluster.untilStatus("copies under way: 0");
    long full = usedBytes(joined);
    for (int number = 1; number <= 3; number++) {
      long other = usedBytes(address(number));
      assertTrue(
          Math.abs(other - full) < (128 << 20) / 5, number + ": " + other + ", new: " + full);
    }
    bash("cmp \"$2/large\" \"$1/before\"").well();
    cluster.untilStatus("under-replicated chunks: 0");
  }
}
