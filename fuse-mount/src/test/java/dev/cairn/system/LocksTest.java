package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * flock(2) and fcntl(2) locks between two mounts, taken by other programs, with the kernel binding;
 * the same with the portable one in {@link PortableLocksTest}.
 */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LocksTest {

  /** Locks, reads a counter, adds one, writes, unlocks: so many times. */
  private static final String COUNT =
      """
      import fcntl, os, sys
      how, path, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
      fd = os.open(path, os.O_RDWR)
      lock = fcntl.flock if how == 'flock' else fcntl.lockf
      for i in range(rounds):
          lock(fd, fcntl.LOCK_EX)
          text = os.pread(fd, 100, 0)
          os.pwrite(fd, b'%d' % (int(text) + 1), 0)
          lock(fd, fcntl.LOCK_UN)
      """;

  /** Holds a lock and says so; at each line of input it writes that. */
  private static final String HOLD =
      """
      import fcntl, os, sys
      how, path = sys.argv[1], sys.argv[2]
      fd = os.open(path, os.O_RDWR)
      (fcntl.flock if how == 'flock' else fcntl.lockf)(fd, fcntl.LOCK_EX)
      print('locked', flush=True)
      for line in sys.stdin:
          try:
              os.pwrite(fd, line.encode(), 0)
              os.fsync(fd)
              print('written', flush=True)
          except OSError as e:
              print('refused', e.errno, flush=True)
      """;

  private static final String DEADLOCK =
      """
      import fcntl, os, sys
      mine, other = os.open(sys.argv[1], os.O_RDWR), os.open(sys.argv[2], os.O_RDWR)
      fcntl.lockf(mine, fcntl.LOCK_EX)
      print('locked', flush=True)
      sys.stdin.readline()
      try:
          fcntl.lockf(other, fcntl.LOCK_EX)
          print('both', flush=True)
      except OSError as e:
          print('errno', e.errno, flush=True)
      """;

  /** Waits for a lock, and says what ended it. */
  private static final String WAIT =
      """
      import fcntl, os, signal, sys
      class Rang(Exception): pass
      def ring(number, frame): raise Rang()
      signal.signal(signal.SIGALRM, ring)
      fd = os.open(sys.argv[1], os.O_RDWR)
      try:
          signal.setitimer(signal.ITIMER_REAL, 1)
          fcntl.flock(fd, fcntl.LOCK_EX)
          print('locked', flush=True)
      except Rang:
          print('interrupted', flush=True)
      """;

  /** Waits for a lock until a signal comes, asks for it again, and keeps it. */
  private static final String WAIT_AGAIN =
      """
      import fcntl, os, signal, sys
      class Rang(Exception): pass
      def ring(number, frame): raise Rang()
      signal.signal(signal.SIGALRM, ring)
      fd = os.open(sys.argv[1], os.O_RDWR)
      try:
          print('waiting', flush=True)
          fcntl.lockf(fd, fcntl.LOCK_EX)
      except Rang:
          print('interrupted', flush=True)
      fcntl.lockf(fd, fcntl.LOCK_EX)
      print('locked', flush=True)
      sys.stdin.readline()
      """;

  /** Says whether the whole file can be locked now. */
  private static final String TRY =
      """
      import fcntl, os, sys
      fd = os.open(sys.argv[1], os.O_RDWR)
      try:
          fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
          print('locked', flush=True)
      except OSError:
          print('refused', flush=True)
      """;

  /** Locks through one of two descriptors; at a line of input it closes the other one. */
  private static final String CLOSE =
      """
      import fcntl, os, sys
      mine = os.open(sys.argv[1], os.O_RDWR)
      fcntl.lockf(mine, fcntl.LOCK_EX, 10, 5)
      other = os.open(sys.argv[1], os.O_RDONLY)
      print('locked', flush=True)
      sys.stdin.readline()
      os.close(other)
      print('closed', flush=True)
      sys.stdin.readline()
      """;

  /** Says whether fcntl(2) sees a lock of the bytes 5 to 14 in the way. */
  private static final String TEST =
      """
      import fcntl, os, struct, sys
      fd = os.open(sys.argv[1], os.O_RDWR)
      asked = struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 14, 100, 0)
      kind, _, start, length, pid = struct.unpack('hhqqi4x', fcntl.fcntl(fd, fcntl.F_GETLK, asked))
      if kind == fcntl.F_UNLCK:
          print('free', flush=True)
      else:
          assert (start, length) == (5, 10), (start, length)
          print('other', flush=True)
      """;

  private TestCluster cluster;
  private Path first;
  private Path second;
  private String test;

  /** All tests use one cluster, each with files of its own. */
  @BeforeAll
  void twoMounts(@TempDir Path scratch) throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/python3")), "there is no python3");
    cluster = new TestCluster(scratch);
    cluster.upWithoutMount("--chunkservers", "2");
    first = cluster.mount("first", "--binding", binding());
    second = cluster.mount("second", "--binding", binding());
  }

  /** How the mounts speak to the kernel. */
  String binding() {
    return "kernel";
  }

  @AfterAll
  void stopEverything() throws Exception {
    if (cluster != null) {
      cluster.end();
    }
  }

  @BeforeEach
  void makeDirectory(TestInfo info) throws IOException {
    test = info.getTestMethod().orElseThrow().getName();
    Files.createDirectory(first.resolve(test));
  }

  private Path atFirst(String name) {
    return first.resolve(test).resolve(name);
  }

  private Path atSecond(String name) {
    return second.resolve(test).resolve(name);
  }

  private void count(String how) throws Exception {
    int rounds = 60;
    Files.writeString(atFirst("counter"), "0");
    Program one = cluster.python(COUNT, how, atFirst("counter"), "" + rounds);
    Program two = cluster.python(COUNT, how, atSecond("counter"), "" + rounds);
    one.ended();
    two.ended();
    assertEquals("" + 2 * rounds, Files.readString(atSecond("counter")));
  }

  @Test
  void countingUnderALock_losesNothing() throws Exception {
    count("flock");
    count("lockf");
    cluster.bash("flock \"$1\" true && flock -n \"$1\" true", atFirst("counter")).well();
  }

  @Test
  void sqlite_fromBothMounts_losesNothing() throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/sqlite3")), "there is no sqlite3");
    String insert =
        """
        for i in $(seq 15); do
          sqlite3 -cmd '.timeout 60000' "$1" 'insert into t values (1)' || exit 1
        done & for i in $(seq 15); do
          sqlite3 -cmd '.timeout 60000' "$2" 'insert into t values (1)' || exit 1
        done && wait $!
        """;
    cluster.run("sqlite3", atFirst("db") + "", "create table t (n)").well();
    cluster.bash(insert, atFirst("db"), atSecond("db")).well();
    String query = "select count(*) from t; pragma integrity_check";
    Ran read = cluster.run("sqlite3", atSecond("db") + "", query).well();
    assertEquals(List.of("30", "ok"), read.lines());
  }

  @Test
  void waitsInACircle_overTwoMounts_areDeadlock() throws Exception {
    Files.writeString(atFirst("a"), "a");
    Files.writeString(atFirst("b"), "b");
    Program one = cluster.python(DEADLOCK, atFirst("a"), atFirst("b"));
    Program two = cluster.python(DEADLOCK, atSecond("b"), atSecond("a"));
    assertEquals("locked", one.says());
    assertEquals("locked", two.says());
    one.tell("go");
    two.tell("go");
    List<String> both = List.of(one.says(), two.says());
    assertTrue(both.contains("errno 35") && both.contains("both"), both::toString);
  }

  @Test
  void waitIsInterruptedByASignal_andTheLockIsFreeForOthersAfterwards() throws Exception {
    Files.writeString(atFirst("f"), "0");
    Program holder = cluster.python(HOLD, "flock", atFirst("f"));
    assertEquals("locked", holder.says());
    Program waiter = cluster.python(WAIT, atSecond("f"));
    assertEquals("interrupted", waiter.says());
    holder.endOfInput();
    holder.ended();
    cluster.run("flock", "-w", "5", atFirst("f") + "", "true").well();
  }

  @Test
  void locksOfAProcess_goAtItsFirstClose_andOthersAreSeen() throws Exception {
    Files.writeString(atFirst("f"), "0");
    Program holder = cluster.python(CLOSE, atFirst("f"));
    assertEquals("locked", holder.says());
    assertEquals("other", cluster.python(TEST, atSecond("f")).says());
    holder.tell("close one of two");
    assertEquals("closed", holder.says());
    assertEquals("free", cluster.python(TEST, atSecond("f")).says());
  }

  @Test
  void wait_goesOnOverARestartOfTheMaster() throws Exception {
    Files.writeString(atFirst("f"), "0");
    Program holder = cluster.python(HOLD, "lockf", atFirst("f"));
    assertEquals("locked", holder.says());
    Program waiter = cluster.python(HOLD, "lockf", atSecond("f"));
    cluster.kill("master");
    cluster.upWithoutMount();
    holder.tell("1");
    assertEquals("written", holder.says());
    holder.endOfInput();
    assertEquals("locked", waiter.says());
    assertEquals("1\n", Files.readString(atSecond("f")));
  }

  @Test
  void lockAskedForAgain_beforeAGivenUpWaitIsSettled_isNotLostToIt() throws Exception {
    String here = Files.writeString(atFirst("f"), "0").toString();
    for (int round = 0; round < 4; round++) {
      Program holder = cluster.python(HOLD, "lockf", here);
      assertEquals("locked", holder.says());
      Program waiter = cluster.python(WAIT_AGAIN, atSecond("f"));
      assertEquals("waiting", waiter.says());
      TestCluster.until(waiter::isInRequest);
      // What is asked after the wait is answered after it.
      cluster.status();
      cluster.pauseWhile(
          cluster.daemon("master"),
          () -> {
            holder.endOfInput();
            TestCluster.until(holder::isInRequest);
            cluster.run("kill", "-ALRM", Long.toString(waiter.pid())).well();
            assertEquals("interrupted", waiter.says());
            TestCluster.until(waiter::isInRequest);
          });
      assertEquals("locked", waiter.says());
      holder.ended();
      assertEquals("refused", cluster.python(TRY, here).says(), "round " + round);
      waiter.endOfInput();
      waiter.ended();
    }
  }

  @Test
  void frozenHolderOfALock_doesNotWriteOverTheNextOne() throws Exception {
    List<String> ways = List.of("flock", "lockf");
    List<Program> frozen = new ArrayList<>();
    for (String how : ways) {
      Files.writeString(atFirst(how), "0");
      Program holder = cluster.python(HOLD, how, atFirst(how));
      assertEquals("locked", holder.says());
      frozen.add(holder);
    }
    cluster.pauseWhile(
        cluster.mountProcess("first"),
        () -> {
          long began = System.nanoTime();
          for (Program holder : frozen) {
            holder.tell("from the frozen one");
          }
          for (String how : ways) {
            Program next = cluster.python(HOLD, how, atSecond(how));
            assertEquals("locked", next.says());
            Duration taken = Duration.ofNanos(System.nanoTime() - began);
            assertTrue(taken.compareTo(Duration.ofSeconds(23)) < 0, "free only after " + taken);
            next.tell("second");
            assertEquals("written", next.says());
          }
        });
    for (Program holder : frozen) {
      assertEquals("refused 5", holder.says());
      holder.tell("again");
      assertEquals("refused 5", holder.says());
    }
    for (String how : ways) {
      assertEquals("second\n", Files.readString(atSecond(how)));
      // Who opens it anew goes on, and sees what the other one wrote.
      TestCluster.until(() -> Files.readString(atFirst(how)).equals("second\n"));
    }
    String log = Files.readString(Path.of(first + ".log"));
    assertNotEquals(-1, log.indexOf("which has expired"), log);
  }
}
