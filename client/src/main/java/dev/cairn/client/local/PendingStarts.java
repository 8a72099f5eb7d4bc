package dev.cairn.client.local;

import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/**
 * Processes that were started and do not work yet. One whose port turns out to be taken, as when
 * two clusters are started at once, is started again with another.
 */
final class PendingStarts {

  private static final int MOST_TRIES = 20;
  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final Duration SAID_EVERY = Duration.ofSeconds(15);

  /** Starts a process, with the settings as they are then. */
  @FunctionalInterface
  interface Starter {
    Daemon.Start start() throws IOException;
  }

  /** Has another port used in place of one that is taken. */
  @FunctionalInterface
  interface PortChange {
    void replace() throws IOException;
  }

  private static final class Pending {
    private final Starter starter;
    private final IntSupplier port;
    private final PortChange change;
    private Daemon.Start start;
    private int tries;

    Pending(Starter starter, IntSupplier port, PortChange change) {
      this.starter = starter;
      this.port = port;
      this.change = change;
    }

    private boolean isPortTaken() throws IOException {
      return port != null && !Ports.isFree(port.getAsInt());
    }

    private void begin() throws IOException {
      while (isPortTaken()) {
        another(null);
      }
      start = starter.start();
    }

    private void another(IOException why) throws IOException {
      if (++tries > MOST_TRIES) {
        throw why != null ? why : ErrorCode.IO.because("every port tried is taken");
      }
      change.replace();
    }

    private boolean isReady() throws IOException {
      try {
        return start.isReady();
      } catch (DaemonFailedException e) {
        if (!isPortTaken()) {
          throw e;
        }
        another(e);
        begin();
        return false;
      }
    }
  }

  private final StartPolicy policy;
  private final List<Pending> all = new ArrayList<>();

  PendingStarts(StartPolicy policy) {
    this.policy = policy;
  }

  /** Starts a process that listens at a port. */
  void add(Starter starter, IntSupplier port, PortChange change) throws IOException {
    Pending pending = new Pending(starter, port, change);
    pending.begin();
    all.add(pending);
  }

  /** Starts a process that listens at none. */
  void add(Starter starter) throws IOException {
    add(starter, null, null);
  }

  /** Waits until all work; fails as soon as one has ended, or when it takes too long. */
  void await() throws IOException {
    long begin = System.nanoTime();
    long saidAt = begin;
    while (!all.isEmpty()) {
      for (Iterator<Pending> left = all.iterator(); left.hasNext(); ) {
        if (left.next().isReady()) {
          left.remove();
        }
      }
      if (all.isEmpty()) {
        return;
      }
      long now = System.nanoTime();
      if (now - begin > policy.within().toNanos()) {
        throw all.get(0).start.late(policy.within());
      }
      if (now - saidAt > SAID_EVERY.toNanos()) {
        saidAt = now;
        List<String> names = all.stream().map(pending -> pending.start.name()).toList();
        policy
            .saying()
            .accept(
                "still waiting for "
                    + String.join(", ", names)
                    + " after "
                    + TimeUnit.NANOSECONDS.toSeconds(now - begin)
                    + " s");
      }
      pause();
    }
  }

  static void pause() throws IOException {
    LockSupport.parkNanos(PERIOD_NANOS);
    if (Thread.interrupted()) {
      throw ErrorCode.INTERRUPTED.because("interrupted");
    }
  }
}
