package dev.cairn.fuse.kernel;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Requests that wait for an answer, and what the kernel's INTERRUPT does to them.
 *
 * <p>{@link Signals} says whether the signal ends the wait. Otherwise the INTERRUPT is answered
 * EAGAIN a little later, upon which the kernel sends it again if the request still waits
 * (Documentation/filesystems/fuse, "Interrupting filesystem operations"). The same answer is right
 * for an INTERRUPT that overtook its request.
 *
 * <p>A process that was killed closes its files as it ends, with no signal pending any more: the
 * kernel interrupts none of these FLUSHes, and the process stays for as long as they take. So they
 * are looked at from time to time.
 */
final class Interruptions implements AutoCloseable {

  private static final long AGAIN_MILLIS = 50;
  private static final long LOOK_MILLIS = 300;

  private enum Ended {
    BY_ANY_SIGNAL,
    AS_SIGNALS_SAY,
    WITH_ITS_PROCESS
  }

  private record Wait(int pid, Ended ended, long sinceNanos, Runnable giveUp) {

    Duration waited() {
      return Duration.ofNanos(System.nanoTime() - sinceNanos);
    }
  }

  private final Map<Long, Wait> waits = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "fuse-interrupts");
            thread.setDaemon(true);
            return thread;
          });

  Interruptions() {
    timer.scheduleWithFixedDelay(
        this::endFlushesOfKilled, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  void expect(long unique, int pid, Future<?> future) {
    expect(unique, pid, Ended.AS_SIGNALS_SAY, () -> future.cancel(true));
  }

  /** A request that any signal ends, as it does the wait for a lock. */
  void expectAnySignal(long unique, int pid, Runnable giveUp) {
    expect(unique, pid, Ended.BY_ANY_SIGNAL, giveUp);
  }

  /** A FLUSH, which also ends when its process was killed. */
  void expectFlush(long unique, int pid, Future<?> future) {
    expect(unique, pid, Ended.WITH_ITS_PROCESS, () -> future.cancel(true));
  }

  private void expect(long unique, int pid, Ended ended, Runnable giveUp) {
    waits.put(unique, new Wait(pid, ended, System.nanoTime(), giveUp));
  }

  void forget(long unique) {
    waits.remove(unique);
  }

  /** Serves an INTERRUPT of that request; the reply is the INTERRUPT's own. */
  void interrupt(long unique, Reply reply) {
    Wait wait = waits.get(unique);
    if (wait != null
        && (wait.ended() == Ended.BY_ANY_SIGNAL || Signals.endWait(wait.pid(), wait.waited()))) {
      reply.none();
      wait.giveUp().run();
    } else {
      timer.schedule(() -> reply.errno(Errno.EAGAIN), AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void endFlushesOfKilled() {
    for (Wait wait : waits.values()) {
      if (wait.ended() == Ended.WITH_ITS_PROCESS
          && wait.waited().toMillis() >= LOOK_MILLIS
          && Signals.wasKilled(wait.pid())) {
        wait.giveUp().run();
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
