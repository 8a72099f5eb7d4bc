package dev.cairn.fuse.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Requests that wait for an answer, and what the kernel's INTERRUPT does to them.
 *
 * <p>The kernel sends one for any signal to the waiting thread, a progress timer's SIGALRM as well
 * as a SIGKILL, and does not say which. On a local disk only a deadly signal ends a wait, and
 * programs rely on it: git's open(2) must not fail with EINTR because its timer rang. So an
 * operation is given up only when its caller is dying, which {@code /proc} tells: a deadly signal
 * is pending as SIGKILL for every thread of the process ({@code complete_signal} in
 * kernel/signal.c). Otherwise the INTERRUPT is answered EAGAIN a little later, upon which the
 * kernel sends it again if the request still waits (Documentation/filesystems/fuse, "Interrupting
 * filesystem operations"). The same answer is right for an INTERRUPT that overtook its request.
 */
final class Interruptions implements AutoCloseable {

  private static final int SIGKILL_BIT = 1 << (9 - 1);
  private static final long AGAIN_MILLIS = 50;

  private record Wait(int pid, boolean byAnySignal, Runnable giveUp) {}

  private final Map<Long, Wait> waits = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "fuse-interrupts");
            thread.setDaemon(true);
            return thread;
          });

  void expect(long unique, int pid, Future<?> future) {
    waits.put(unique, new Wait(pid, false, () -> future.cancel(true)));
  }

  /** A request that any signal ends, as it does the wait for a lock. */
  void expectAnySignal(long unique, int pid, Runnable giveUp) {
    waits.put(unique, new Wait(pid, true, giveUp));
  }

  void forget(long unique) {
    waits.remove(unique);
  }

  /** Serves an INTERRUPT of that request; the reply is the INTERRUPT's own. */
  void interrupt(long unique, Reply reply) {
    Wait wait = waits.get(unique);
    if (wait != null && (wait.byAnySignal() || isDying(wait.pid()))) {
      reply.none();
      wait.giveUp().run();
    } else {
      timer.schedule(() -> reply.errno(Errno.EAGAIN), AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private static boolean isDying(int pid) {
    if (pid == 0) {
      return false;
    }
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
          .filter(line -> line.startsWith("SigPnd:"))
          .map(line -> line.substring("SigPnd:".length()).strip())
          .anyMatch(bits -> (Long.parseUnsignedLong(bits, 16) & SIGKILL_BIT) != 0);
    } catch (NoSuchFileException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
