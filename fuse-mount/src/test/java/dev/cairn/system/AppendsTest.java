package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What appending promises, on a mounted cluster of real processes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AppendsTest {

  private static final int LINES = 1500;

  private TestCluster cluster;
  private Path mountPoint;
  private Path other;

  @BeforeAll
  void twoMounts(@TempDir Path scratch) throws Exception {
    cluster = new TestCluster(scratch);
    cluster.up();
    mountPoint = cluster.mountPoint();
    other = cluster.mount("other");
  }

  @AfterAll
  void stopEverything() throws Exception {
    if (cluster != null) {
      cluster.end();
    }
  }

  /** Appends numbered lines of many lengths, one write(2) each; sometimes forces or opens anew. */
  private static void appendLines(Path file, String who, int lines) throws Exception {
    Random random = new Random(who.hashCode());
    FileChannel channel = open(file);
    try {
      for (int i = 0; i < lines; i++) {
        channel.write(ByteBuffer.wrap(line(who, i).getBytes(StandardCharsets.US_ASCII)));
        int chance = random.nextInt(40);
        if (chance == 0) {
          channel.force(false);
        } else if (chance == 1) {
          channel.close();
          channel = open(file);
        }
      }
    } finally {
      channel.close();
    }
  }

  private static FileChannel open(Path file) throws Exception {
    return FileChannel.open(file, StandardOpenOption.APPEND, StandardOpenOption.CREATE);
  }

  private static String line(String who, int number) {
    return who + " " + number + " " + "x".repeat(number * 31 % 5000) + "\n";
  }

  /** Every line is whole, there once, and those of one writer are in their order. */
  private static void check(Path file, List<String> writers, int lines) throws Exception {
    Map<String, Integer> next = new HashMap<>();
    for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
      String who = line.substring(0, Math.max(0, line.indexOf(' ')));
      assertTrue(writers.contains(who), () -> "a torn line: " + line);
      int number = next.merge(who, 1, Integer::sum) - 1;
      assertTrue(line(who, number).equals(line + "\n"), () -> "not " + who + " " + number);
    }
    for (String who : writers) {
      assertEquals(lines, next.get(who), who);
    }
  }

  private static void all(List<Callable<Void>> tasks) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
    try {
      for (Future<Void> done : threads.invokeAll(tasks, 120, TimeUnit.SECONDS)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Callable<Void> appending(Path file, String who) {
    return () -> {
      appendLines(file, who, LINES);
      return null;
    };
  }

  @Test
  void linesAppendedByTwoMountsAtOnce_areWholeAndAllThere() throws Exception {
    List<Callable<Void>> tasks = new ArrayList<>();
    List<String> writers = List.of("a", "b", "c", "d");
    for (String who : writers) {
      Path mount = tasks.size() % 2 == 0 ? mountPoint : other;
      tasks.add(appending(mount.resolve("log"), who));
    }
    all(tasks);
    check(mountPoint.resolve("log"), writers, LINES);
    check(other.resolve("log"), writers, LINES);
  }

  @Test
  void fileOpenedForEveryLine_staysInFewChunks_alsoWhenAServerDies() throws Exception {
    Ran ran =
        cluster.bash(
            """
            for i in $(seq 600); do
              echo "line $i" >> "$1/lines" || exit 1
              [ $i != 300 ] || kill -9 $(cat "$2/run/chunkserver-1.pid")
            done
            cmp <(seq -f 'line %.0f' 600) "$1/lines" &&
              getfattr --only-values -n user.cairn.chunks "$1/lines"
            """,
            mountPoint, cluster.directory());
    long chunks = ran.well().lines().size();
    assertTrue(chunks <= 10, ran::toString);
    cluster.up();
    cluster
        .bash(
            """
            for i in $(seq 601 650); do echo "line $i" >> "$1/lines" || exit 1; done
            cmp <(seq -f 'line %.0f' 650) "$1/lines"
            """,
            mountPoint)
        .well();
  }

  /** The kernel believes that its bytes went where the file ended when it looked last. */
  @Test
  void descriptorThatStaysOpen_seesItsOwnAndOthersAppends() throws Exception {
    cluster
        .run(
            "python3",
            "-c",
            """
                import os, sys
                a = os.open(sys.argv[1] + '/f', os.O_RDWR | os.O_APPEND | os.O_CREAT)
                b = os.open(sys.argv[2] + '/f', os.O_RDWR | os.O_APPEND)
                expected = b''
                for i in range(40):
                    mine, yours = b'%05d' % i * 700, b'%06d' % i * 900
                    os.write(a, mine)
                    expected += mine
                    # What is written here is read here at once.
                    assert os.fstat(a).st_size == len(expected), (i, os.fstat(a).st_size)
                    assert os.pread(a, 1 << 20, 0) == expected, i
                    os.fsync(a)
                    os.write(b, yours)
                    expected += yours
                    os.fsync(b)
                    # Whoever writes next is told the truth by the answer.
                    os.write(a, b'!')
                    os.fsync(a)
                    expected += b'!'
                    assert os.fstat(a).st_size == len(expected), (i, os.fstat(a).st_size)
                    assert os.pread(a, 1 << 20, 0) == expected, (i, 'after')
                """,
            mountPoint.toString(),
            other.toString())
        .well();
  }
}
