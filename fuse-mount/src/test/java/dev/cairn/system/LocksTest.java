package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.system.Shell.Ran;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * flock(2) and fcntl(2) locks between two mounts, taken by other programs, with the kernel binding;
 * the same with the portable one in {@link PortableLocksTest}.
 */
@Timeout(300)
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

  @TempDir Path scratch;
  private final List<Process> started = new ArrayList<>();
  private Shell shell;
  private String directory;
  private Path first;
  private Path second;

  @BeforeEach
  void twoMounts() throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/dev/fuse")), "there is no /dev/fuse");
    Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/python3")), "there is no python3");
    shell = new Shell(scratch);
    directory = scratch.resolve("cluster").toString();
    first = Files.createDirectory(scratch.resolve("first"));
    second = Files.createDirectory(scratch.resolve("second"));
    up();
    String status = shell.cairn("status", "--dir", directory).lines().get(0);
    String master = status.substring("master ".length());
    for (Path mount : List.of(first, second)) {
      String name = scratch.resolve(mount.getFileName()).toString();
      List<String> files = List.of("--log", name + ".log", "--pid-file", name + ".pid");
      List<String> command = new ArrayList<>(List.of("mount", "--master", master));
      command.addAll(List.of("--binding", binding()));
      command.addAll(files);
      command.add(mount.toString());
      shell.cairn(command.toArray(new String[0])).well();
    }
  }

  /** How the mounts speak to the kernel. */
  String binding() {
    return "kernel";
  }

  private void up() throws Exception {
    shell.cairn("up", "--dir", directory, "--no-mount", "--chunkservers", "2").well();
  }

  @AfterEach
  void stopEverything() throws Exception {
    started.forEach(Process::destroyForcibly);
    for (Path mount : List.of(first, second)) {
      shell.run(List.of("umount", "-l", mount.toString()));
    }
    shell.cairn("down", "--dir", directory).well();
  }

  private Process start(String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("/usr/bin/python3", "-c", program));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    started.add(process);
    return process;
  }

  private static void ended(Process process) throws Exception {
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), "it does not end");
    assertEquals(0, process.exitValue());
  }

  private static String says(Process process) throws IOException {
    return process.inputReader(StandardCharsets.UTF_8).readLine();
  }

  private static void tell(Process process, String line) throws IOException {
    process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  private void count(String how) throws Exception {
    int rounds = 60;
    Files.writeString(first.resolve("counter"), "0");
    Process one = start(COUNT, how, first.resolve("counter").toString(), "" + rounds);
    Process two = start(COUNT, how, second.resolve("counter").toString(), "" + rounds);
    ended(one);
    ended(two);
    assertEquals("" + 2 * rounds, Files.readString(second.resolve("counter")));
  }

  @Test
  void countingUnderALock_losesNothing() throws Exception {
    count("flock");
    count("lockf");
    shell
        .run(
            List.of(
                "bash",
                "-c",
                "flock \"$0/counter\" true && flock -n \"$0/counter\" true",
                first.toString()))
        .well();
  }

  @Test
  void sqlite_fromBothMounts_losesNothing() throws Exception {
    Assumptions.assumeTrue(Files.exists(Path.of("/usr/bin/sqlite3")), "there is no sqlite3");
    String insert =
        "for i in $(seq 15); do"
            + " sqlite3 -cmd '.timeout 60000' \"$0/db\" 'insert into t values (1)' || exit 1; done";
    Ran made = shell.run(List.of("sqlite3", first.resolve("db").toString(), "create table t (n)"));
    made.well();
    List<Process> writers = new ArrayList<>();
    for (Path mount : List.of(first, second)) {
      Process writer =
          new ProcessBuilder("bash", "-c", insert, mount.toString()).inheritIO().start();
      started.add(writer);
      writers.add(writer);
    }
    for (Process writer : writers) {
      ended(writer);
    }
    String query = "select count(*) from t; pragma integrity_check";
    Ran read = shell.run(List.of("sqlite3", second.resolve("db").toString(), query)).well();
    assertEquals(List.of("30", "ok"), read.lines());
  }

  @Test
  void waitsInACircle_overTwoMounts_areDeadlock() throws Exception {
    Files.writeString(first.resolve("a"), "a");
    Files.writeString(first.resolve("b"), "b");
    Process one = start(DEADLOCK, first.resolve("a").toString(), first.resolve("b").toString());
    Process two = start(DEADLOCK, second.resolve("b").toString(), second.resolve("a").toString());
    assertEquals("locked", says(one));
    assertEquals("locked", says(two));
    tell(one, "go");
    tell(two, "go");
    List<String> both = List.of(says(one), says(two));
    assertTrue(both.contains("errno 35") && both.contains("both"), both::toString);
  }

  @Test
  void waitIsInterruptedByASignal_andTheLockIsFreeForOthersAfterwards() throws Exception {
    Files.writeString(first.resolve("f"), "0");
    Process holder = start(HOLD, "flock", first.resolve("f").toString());
    assertEquals("locked", says(holder));
    Process waiter = start(WAIT, second.resolve("f").toString());
    assertEquals("interrupted", says(waiter));
    holder.getOutputStream().close();
    ended(holder);
    shell.run(List.of("flock", "-w", "5", first.resolve("f").toString(), "true")).well();
  }

  @Test
  void locksOfAProcess_goAtItsFirstClose_andOthersAreSeen() throws Exception {
    Files.writeString(first.resolve("f"), "0");
    Process holder = start(CLOSE, first.resolve("f").toString());
    assertEquals("locked", says(holder));
    assertEquals("other", says(start(TEST, second.resolve("f").toString())));
    tell(holder, "close one of two");
    assertEquals("closed", says(holder));
    assertEquals("free", says(start(TEST, second.resolve("f").toString())));
  }

  @Test
  void wait_goesOnOverARestartOfTheMaster() throws Exception {
    Files.writeString(first.resolve("f"), "0");
    Process holder = start(HOLD, "lockf", first.resolve("f").toString());
    assertEquals("locked", says(holder));
    Process waiter = start(HOLD, "lockf", second.resolve("f").toString());
    ProcessHandle master = process(Path.of(directory, "run", "master.pid"));
    assertTrue(master.destroyForcibly());
    master.onExit().get(30, TimeUnit.SECONDS);
    up();
    tell(holder, "1");
    assertEquals("written", says(holder));
    holder.getOutputStream().close();
    assertEquals("locked", says(waiter));
    assertEquals("1\n", Files.readString(second.resolve("f")));
  }

  @Test
  void lockAskedForAgain_beforeAGivenUpWaitIsSettled_isNotLostToIt() throws Exception {
    String here = Files.writeString(first.resolve("f"), "0").toString();
    String master = Long.toString(process(Path.of(directory, "run", "master.pid")).pid());
    for (int round = 0; round < 4; round++) {
      Process holder = start(HOLD, "lockf", here);
      assertEquals("locked", says(holder));
      Process waiter = start(WAIT_AGAIN, second.resolve("f").toString());
      assertEquals("waiting", says(waiter));
      until(() -> isInRequest(waiter));
      // What is asked after the wait is answered after it.
      shell.cairn("status", "--dir", directory).well();
      shell.run(List.of("kill", "-STOP", master)).well();
      try {
        holder.getOutputStream().close();
        until(() -> isInRequest(holder));
        shell.run(List.of("kill", "-ALRM", Long.toString(waiter.pid()))).well();
        assertEquals("interrupted", says(waiter));
        until(() -> isInRequest(waiter));
      } finally {
        shell.run(List.of("kill", "-CONT", master)).well();
      }
      assertEquals("locked", says(waiter));
      ended(holder);
      assertEquals("refused", says(start(TRY, here)), "round " + round);
      waiter.getOutputStream().close();
      ended(waiter);
    }
  }

  /** Whether the process waits for the mount: request_wait_answer in fs/fuse/dev.c. */
  private static boolean isInRequest(Process process) throws IOException {
    Path stack = Path.of("/proc", Long.toString(process.pid()), "stack");
    return Files.readString(stack).contains("request_wait_answer");
  }

  private static ProcessHandle process(Path file) throws IOException {
    return ProcessHandle.of(Long.parseLong(Files.readString(file).strip())).orElseThrow();
  }

  @Test
  void frozenHolderOfALock_doesNotWriteOverTheNextOne() throws Exception {
    List<String> ways = List.of("flock", "lockf");
    List<Process> frozen = new ArrayList<>();
    for (String how : ways) {
      Files.writeString(first.resolve(how), "0");
      Process holder = start(HOLD, how, first.resolve(how).toString());
      assertEquals("locked", says(holder));
      frozen.add(holder);
    }
    String mount = Long.toString(process(scratch.resolve("first.pid")).pid());
    shell.run(List.of("kill", "-STOP", mount)).well();
    try {
      long began = System.nanoTime();
      for (Process holder : frozen) {
        tell(holder, "from the frozen one");
      }
      for (String how : ways) {
        Process next = start(HOLD, how, second.resolve(how).toString());
        assertEquals("locked", says(next));
        Duration taken = Duration.ofNanos(System.nanoTime() - began);
        assertTrue(taken.compareTo(Duration.ofSeconds(23)) < 0, "free only after " + taken);
        tell(next, "second");
        assertEquals("written", says(next));
      }
    } finally {
      shell.run(List.of("kill", "-CONT", mount)).well();
    }
    for (Process holder : frozen) {
      assertEquals("refused 5", says(holder));
      tell(holder, "again");
      assertEquals("refused 5", says(holder));
    }
    for (String how : ways) {
      assertEquals("second\n", Files.readString(second.resolve(how)));
      // Who opens it anew goes on, and sees what the other one wrote.
      until(() -> Files.readString(first.resolve(how)).equals("second\n"));
    }
    String log = Files.readString(scratch.resolve("first.log"));
    assertNotEquals(-1, log.indexOf("which has expired"), log);
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void until(Condition condition) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < end, "it did not come to that in time");
      LockSupport.parkNanos(20_000_000);
    }
  }
}
