package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of replicas when servers of a real cluster die. */
class RepairTest {

  @TempDir Path scratch;
  private Shell shell;
  private String directory;
  private Path mountPoint;

  @BeforeEach
  void prepare() throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
    shell = new Shell(scratch);
    directory = scratch.resolve("cluster").toString();
    mountPoint = scratch.resolve("mnt");
  }

  @AfterEach
  void stopEverything() throws Exception {
    if (Files.exists(Path.of(directory, "cluster.conf"))) {
      shell.cairn("down", "--dir", directory).well();
    }
  }

  private Ran bash(String script) throws Exception {
    return shell.run(
        List.of("bash", "-c", script, "test", mountPoint.toString(), scratch.toString()));
  }

  private void kill(String daemon) throws Exception {
    Path file = Path.of(directory, "run", daemon + ".pid");
    ProcessHandle process =
        ProcessHandle.of(Long.parseLong(Files.readString(file).strip())).orElseThrow();
    process.destroyForcibly();
    process.onExit().get(30, TimeUnit.SECONDS);
  }

  /** Waits until the status has all these lines. */
  private void await(String... lines) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    Ran status = shell.cairn("status", "--dir", directory).well();
    while (!status.lines().containsAll(List.of(lines))) {
      assertTrue(System.nanoTime() < end, status::toString);
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
      status = shell.cairn("status", "--dir", directory).well();
    }
  }

  @Test
  void chunksOfAKilledServer_areCopied_andAnotherOneMayDieThen() throws Exception {
    shell.cairn("up", "--dir", directory, "--mount", mountPoint.toString()).well();
    bash("head -c 6M /dev/urandom > \"$2/many\" && head -c 40M /dev/urandom > \"$2/large\""
            + " && mkdir \"$1/d\" && setfattr -n user.cairn.chunk_size -v 2048 \"$1/d\""
            + " && cp \"$2/many\" \"$1/d/\" && cp \"$2/large\" \"$1/\"")
        .well();
    kill("chunkserver-1");
    await("chunk servers: 2 alive, 1 dead", "under-replicated chunks: 0", "copies under way: 0");
    kill("chunkserver-2");
    bash("cmp \"$2/many\" \"$1/d/many\" && cmp \"$2/large\" \"$1/large\"").well();
    Ran log = bash("cat '" + directory + "/log/master.log'").well();
    assertTrue(
        log.lines().stream().anyMatch(line -> line.contains("repair begins: ")), log::toString);
    assertTrue(
        log.lines().stream().anyMatch(line -> line.contains("repair is over: ")), log::toString);
  }

  /** Turns a byte over in the middle of every chunk file and pack of a server. */
  private void damage(String server) throws Exception {
    int damaged = 0;
    try (Stream<Path> files = Files.walk(Path.of(directory, server))) {
      for (Path file : files.filter(f -> f.toString().matches(".*[.](data|pack)")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        damaged++;
      }
    }
    assertTrue(damaged >= 2, "only " + damaged + " files");
  }

  @Test
  void ofTwoServers_theOneWithBadReplicas_replacesThem_andKeepsTheBadOnesForATime()
      throws Exception {
    shell
        .cairn("up", "--dir", directory, "--chunkservers", "2", "--mount", mountPoint.toString())
        .well();
    bash("head -c 9M /dev/urandom > \"$2/large\" && head -c 9000 \"$2/large\" > \"$2/small\""
            + " && cp \"$2/large\" \"$2/small\" \"$1/\" && sync -f \"$1\"")
        .well();
    damage("chunkserver-2");
    shell.cairn("scrub", "--dir", directory, "--now").well();
    await("bad replicas: 0", "under-replicated chunks: 0", "copies under way: 0");
    Ran status = shell.cairn("status", "--dir", directory).well();
    assertTrue(status.out().contains("quarantine 2 chunks"), status::toString);
    kill("chunkserver-1");
    bash("cmp \"$2/large\" \"$1/large\" && cmp \"$2/small\" \"$1/small\"").well();
  }
}
