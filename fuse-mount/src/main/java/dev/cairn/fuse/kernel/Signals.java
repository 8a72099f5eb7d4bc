package dev.cairn.fuse.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Tells from {@code /proc} what a signal means to a thread that waits for an answer.
 *
 * <p>The kernel tells of any signal, a progress timer's SIGALRM as well as a SIGKILL, and does not
 * say which. On a local disk only a deadly signal ends a wait, and programs rely on it: git's
 * open(2) must not fail with EINTR because its timer rang. A deadly signal is pending as SIGKILL
 * for every thread of the process ({@code complete_signal} in kernel/signal.c). No local disk makes
 * a program wait for minutes, though: so a signal that asks a program to end, and that it handles,
 * ends a wait that has become long; most others do when it has become very long.
 */
final class Signals {

  /** From when on signals that ask a program to end are heard, though it handles them. */
  static final Duration LONG = Duration.ofSeconds(2);

  /** From when on timers and other signals that a program chose to handle are heard. */
  static final Duration VERY_LONG = Duration.ofSeconds(30);

  // signal(7); the same numbers on x86, ARM and RISC-V.
  private static final int HUP = 1;
  private static final int INT = 2;
  private static final int QUIT = 3;
  private static final int KILL = 9;
  private static final int TERM = 15;
  private static final long ASKS_TO_END = bits(HUP, INT, QUIT, TERM);

  /** Children, stops, windows, input, and what runtimes send to their own threads. */
  private static final long EVERYDAY = bits(17, 18, 19, 20, 21, 22, 23, 27, 28, 29);

  /** {@code PF_SIGNALED} of include/linux/sched.h, the ninth field of proc_pid_stat(5). */
  private static final long KILLED_BY_SIGNAL = 0x400;

  private static final int FLAGS_BEHIND_NAME = 7;

  private Signals() {}

  private static long bits(int... signals) {
    long bits = 0;
    for (int signal : signals) {
      bits |= 1L << (signal - 1);
    }
    return bits;
  }

  /** Whether a wait of that length is to end, judged by the thread's {@code status} file. */
  static boolean endWait(Map<String, String> status, Duration waited) {
    long own = mask(status, "SigPnd");
    if ((own & bits(KILL)) != 0) {
      return true;
    }
    long pending = (own | mask(status, "ShdPnd")) & ~mask(status, "SigBlk");
    if (waited.compareTo(VERY_LONG) >= 0) {
      return (pending & ~EVERYDAY) != 0;
    }
    return waited.compareTo(LONG) >= 0 && (pending & ASKS_TO_END) != 0;
  }

  private static long mask(Map<String, String> status, String name) {
    return Long.parseUnsignedLong(status.getOrDefault(name, "0"), 16);
  }

  /** Whether a wait of that thread is to end. */
  static boolean endWait(int pid, Duration waited) {
    if (pid == 0) {
      return false;
    }
    try {
      Map<String, String> status =
          Files.readAllLines(file(pid, "status"), StandardCharsets.ISO_8859_1).stream()
              .filter(line -> line.startsWith("Sig") || line.startsWith("ShdPnd"))
              .map(line -> line.split(":\\s*", 2))
              .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1].strip()));
      return endWait(status, waited);
    } catch (NoSuchFileException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the thread ends because a signal killed it: nobody hears of what it still does. */
  static boolean wasKilled(int pid) {
    if (pid == 0) {
      return false;
    }
    try {
      return wasKilled(Files.readString(file(pid, "stat"), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return false;
    }
  }

  static boolean wasKilled(String stat) {
    String[] behindName = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
    return behindName.length >= FLAGS_BEHIND_NAME
        && (Long.parseLong(behindName[FLAGS_BEHIND_NAME - 1]) & KILLED_BY_SIGNAL) != 0;
  }

  private static Path file(int pid, String name) {
    return Path.of("/proc/" + pid + "/" + name);
  }
}
