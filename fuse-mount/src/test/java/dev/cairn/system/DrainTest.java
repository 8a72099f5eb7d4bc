package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chunk servers that an operator takes away and adds, each with a disk of its own. */
class DrainTest {

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path scratch;
  private final List<Path> disks = new ArrayList<>();
  private Shell shell;
  private String directory;
  private Path mountPoint;

  @BeforeEach
  void prepare() throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "mounts a tmpfs");
    shell = new Shell(scratch);
    directory = scratch.resolve("cluster").toString();
    mountPoint = scratch.resolve("mnt");
    for (int i = 1; i <= 4; i++) {
      Path disk = Files.createDirectories(Path.of(directory, "chunkserver-" + i));
      shell
          .run(List.of("mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", disk.toString()))
          .well();
      disks.add(disk);
    }
  }

  @AfterEach
  void stopEverything() throws Exception {
    if (Files.exists(Path.of(directory, "cluster.conf"))) {
      shell.cairn("down", "--dir", directory).well();
    }
    for (Path disk : disks) {
      shell.run(List.of("umount", "-l", disk.toString()));
    }
  }

  private Ran cairn(String command, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(command, "--dir", directory));
    all.addAll(List.of(arguments));
    return shell.cairn(all.toArray(new String[0]));
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

  private void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertTrue(System.nanoTime() < end, () -> "the status stays " + status());
      LockSupport.parkNanos(Duration.ofMillis(300).toNanos());
    }
  }

  private String status() {
    try {
      return cairn("status").well().out();
    } catch (Exception e) {
      return "unknown: " + e;
    }
  }

  /** The address of chunkserver-N. */
  private String address(int number) throws Exception {
    List<String> ports =
        Files.readAllLines(Path.of(directory, "cluster.conf")).stream()
            .filter(line -> line.startsWith("chunkserver-port"))
            .map(line -> line.substring(line.indexOf('=') + 1).strip())
            .toList();
    return "127.0.0.1:" + ports.get(number - 1);
  }

  private long usedBytes(String address) throws Exception {
    Matcher found =
        Pattern.compile(
                '"' + Pattern.quote(address) + "\".*?\"used_bytes\": (\\d+)", Pattern.DOTALL)
            .matcher(cairn("servers", "--json").well().out());
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }

  @Test
  void aDrainedServer_mayDieAndBeForgotten_andANewOneTakesItsPart() throws Exception {
    cairn("up", "--chunkservers", "3", "--chunk-size", "2M", "--mount", mountPoint.toString())
        .well();
    bash("head -c 60M /dev/urandom > \"$2/large\" && cp \"$2/large\" \"$1/before\"").well();
    String leaving = address(1);
    Ran refused = cairn("forget", leaving);
    assertEquals(1, refused.exit());
    assertTrue(refused.err().contains("it is alive"), refused::toString);

    // Clients write on meanwhile, and see nothing of it.
    Ran drained =
        bash(
            "for i in 1 2 3 4 5 6; do head -c 3M \"$2/large\" > \"$1/during-$i\" || exit 9; done & "
                + Shell.launcher()
                + " drain --dir '"
                + directory
                + "' --wait "
                + leaving
                + " && wait $!");
    assertTrue(drained.well().lastLine().contains("is drained"), drained::toString);
    kill("chunkserver-1");
    bash("cmp \"$2/large\" \"$1/before\" && for i in 1 2 3 4 5 6; do head -c 3M \"$2/large\" | cmp"
            + " - \"$1/during-$i\" || exit 9; done")
        .well();
    await(() -> cairn("forget", leaving).exit() == 0);
    List<String> status = cairn("status").well().lines();
    assertTrue(status.contains("under-replicated chunks: 0"), status::toString);
    assertTrue(status.contains("missing chunks: 0"), status::toString);
    assertTrue(status.contains("chunk servers: 2 alive, 0 dead"), status::toString);

    // The forgotten one comes back, as another server, and a new one joins.
    cairn("up", "--chunkservers", "4").well();
    await(() -> status().contains("chunk servers: 4 alive, 0 dead"));
    String joined = address(4);
    await(() -> usedBytes(joined) > 10 << 20);
    await(
        () -> {
          String log = Files.readString(Path.of(directory, "log", "master.log"));
          return log.contains("rebalancing is over") && status().contains("copies under way: 0");
        });
    long full = usedBytes(joined);
    for (int number = 1; number <= 3; number++) {
      long other = usedBytes(address(number));
      assertTrue(
          Math.abs(other - full) < (128 << 20) / 5, number + ": " + other + ", new: " + full);
    }
    bash("cmp \"$2/large\" \"$1/before\"").well();
    assertTrue(status().contains("under-replicated chunks: 0"), this::status);
  }
}
