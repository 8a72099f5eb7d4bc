package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of replicas when servers of a real cluster die. */
class RepairTest {

  @TempDir Path scratch;
  private TestCluster cluster;

  @BeforeEach
  void prepare() {
    cluster = new TestCluster(scratch);
  }

  @AfterEach
  void stopEverything() throws Exception {
    if (cluster != null) {
      cluster.end();
    }
  }

  /** Runs a script; $1 is the mount point, $2 a directory that is not. */
  private Ran bash(String script) throws Exception {
    return cluster.bash(script, cluster.mountPoint(), scratch);
  }

  @Test
  void chunksOfAKilledServer_areCopied_andAnotherOneMayDieThen() throws Exception {
    cluster.up();
    bash("head -c 6M /dev/urandom > \"$2/many\" && head -c 40M /dev/urandom > \"$2/large\""
            + " && mkdir \"$1/d\" && setfattr -n user.cairn.chunk_size -v 2048 \"$1/d\""
            + " && cp \"$2/many\" \"$1/d/\" && cp \"$2/large\" \"$1/\"")
        .well();
    String first = cluster.fullestServer();
    cluster.kill(first);
    cluster.untilStatus(
        "chunk servers: 2 alive, 1 dead", "under-replicated chunks: 0", "copies under way: 0");
    TestCluster.until(() -> cluster.log("master").contains("repair is over: "));
    cluster.kill(first.equals("chunkserver-2") ? "chunkserver-3" : "chunkserver-2");
    bash("cmp \"$2/many\" \"$1/d/many\" && cmp \"$2/large\" \"$1/large\"").well();
    String log = cluster.log("master");
    assertTrue(log.contains("repair begins: "), log);
  }

  /** Turns a byte over in the middle of every chunk file and pack of a server. */
  private void damage(String server) throws Exception {
    List<Path> files = TestCluster.chunkFiles(cluster.directory().resolve(server));
    assertTrue(files.size() >= 2, files::toString);
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length / 2] ^= 1;
      Files.write(file, bytes);
    }
  }

  @Test
  void ofTwoServers_theOneWithBadReplicas_replacesThem_andKeepsTheBadOnesForATime()
      throws Exception {
    cluster.up("--chunkservers", "2");
    bash("head -c 9M /dev/urandom > \"$2/large\" && head -c 9000 \"$2/large\" > \"$2/small\""
            + " && cp \"$2/large\" \"$2/small\" \"$1/\" && sync -f \"$1\"")
        .well();
    damage("chunkserver-2");
    cluster.cairn("scrub", "--now").well();
    cluster.untilStatus("bad replicas: 0", "under-replicated chunks: 0", "copies under way: 0");
    Ran status = cluster.status();
    assertTrue(status.out().contains("quarantine 2 chunks"), status::toString);
    cluster.kill("chunkserver-1");
    bash("cmp \"$2/large\" \"$1/large\" && cmp \"$2/small\" \"$1/small\"").well();
  }
}
