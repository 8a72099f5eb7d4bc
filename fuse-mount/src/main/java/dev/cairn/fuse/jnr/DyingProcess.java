package dev.cairn.fuse.jnr;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Whether a process is being killed.
 *
 * <p>The kernel interrupts a request for any signal to the process that waits for it, also for one
 * that the process handles and expects to be harmless: a timer of git's progress display, a child
 * that ended. Answering EINTR then makes open(2), rename(2) or close(2) fail in programs that know
 * from local disks that those do not. So only a signal that ends the process counts: one that is
 * pending and neither blocked, ignored nor caught (proc(5); for one that dumps no core, the kernel
 * has made it a SIGKILL already).
 */
final class DyingProcess {

  /** SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH end no process. */
  private static final long HARMLESS = bits(17, 18, 19, 20, 21, 22, 23, 28);

  private static final long KILL = bits(9);

  private DyingProcess() {}

  /** Without /proc (macOS), no process is known to be dying. */
  static boolean is(int pid) {
    Path status = Path.of("/proc", Integer.toString(pid), "status");
    try {
      return isDying(Files.readString(status));
    } catch (NoSuchFileException e) {
      return Files.exists(Path.of("/proc/self/status"));
    } catch (IOException e) {
      return true;
    }
  }

  static boolean isDying(String status) {
    long pending = mask(status, "SigPnd:") | mask(status, "ShdPnd:");
    long survived = mask(status, "SigBlk:") | mask(status, "SigIgn:") | mask(status, "SigCgt:");
    return (pending & KILL) != 0 || (pending & ~survived & ~HARMLESS) != 0;
  }

  private static long mask(String status, String field) {
    return status
        .lines()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseUnsignedLong(line.substring(field.length()).trim(), 16))
        .findFirst()
        .orElse(0);
  }

  private static long bits(int... signals) {
    long bits = 0;
    for (int signal : signals) {
      bits |= 1L << (signal - 1);
    }
    return bits;
  }
}
