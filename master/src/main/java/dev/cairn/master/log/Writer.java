package dev.cairn.master.log;

import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.StateMachine;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.RecentRows;
import dev.cairn.master.store.Store;
import dev.cairn.master.store.StoreFailedException;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer of the state, and its thread. Any thread submits; decisions, records and answers
 * are the writer's thread's alone.
 */
public final class Writer {

  /** The queue of the master itself and of its chunk servers. */
  static final long OWN = 0;

  /** The queue of those that want a session. */
  public static final long NEWCOMERS = -1;

  /** The queue of commands that need no session. */
  public static final long OPERATORS = -2;

  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

  private static final int MOST_COMMANDS_PER_BATCH = 512;
  private static final long MOST_BYTES_PER_BATCH = 4L << 20;
  private static final long RECOVER_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long STOP_MILLIS = 10_000;

  private final FairQueue queue = new FairQueue();
  private final RecordLog log;
  private final RecentRows recent;
  private final Overlay overlay;
  private final MetadataView view;
  private final StateMachine machine;
  private final Time time;
  private final Consumer<Record> follower;
  private final Consumer<Throwable> fatal;
  private final Thread thread = new Thread(this::run, "master-writer");
  private volatile boolean parked;
  private volatile boolean stopping;
  private final AtomicLong batches = new AtomicLong();

  /** For the writer's thread: why changes are refused; null when they are not. */
  private StoreFailedException failure;

  private long triedTicks;

  /** Told by the force's thread; null when no force failed. */
  private volatile StoreFailedException forceFailure;

  /**
   * Makes a writer that is not started yet.
   *
   * @param follower is told every record that became part of the state
   * @param fatal ends the process: the state in memory can no longer be trusted
   */
  public Writer(
      Store store, RecordLog log, Time time, Consumer<Record> follower, Consumer<Throwable> fatal) {
    this.log = log;
    this.recent = new RecentRows(store);
    this.overlay = new Overlay(recent);
    this.view = new MetadataView(overlay);
    this.machine = new StateMachine(overlay);
    this.time = time;
    this.follower = follower;
    this.fatal = fatal;
  }

  public void start() {
    thread.start();
  }

  /** Has a command of the master's own, or of a chunk server, decided. */
  public <R> void submit(Command<R> command, Answer<R> answer) {
    submit(OWN, command, answer);
  }

  /**
   * Has a client's command decided, behind those it submitted before.
   *
   * @param client the number of its session, or one of the queues named here
   */
  public <R> void submit(long client, Command<R> command, Answer<R> answer) {
    Pending<R> pending = new Pending<>(client, command, answer);
    queue.add(pending);
    if (stopping && !thread.isAlive() && queue.remove(pending)) {
      pending.refuse(ErrorCode.STOPPING.because("the master is stopping"));
    } else if (parked) {
      LockSupport.unpark(thread);
    }
  }

  /** How many batches became part of the state: equal numbers mean that nothing happened. */
  long batches() {
    return batches.get();
  }

  private void run() {
    List<Pending<?>> batch = new ArrayList<>();
    while (!stopping || !queue.isEmpty()) {
      Pending<?> first = queue.poll();
      try {
        if (forceFailure != null) {
          failed(forceFailure);
          forceFailure = null;
        }
        if (failure != null) {
          recover();
        }
        if (first == null) {
          park();
        } else {
          runBatch(first, batch);
        }
      } catch (IOException | RuntimeException | Error e) {
        fatal.accept(e);
        return;
      }
    }
  }

  private void park() {
    parked = true;
    if (queue.isEmpty() && !stopping) {
      if (failure == null) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, RECOVER_EVERY_NANOS);
      }
    }
    parked = false;
  }

  private void runBatch(Pending<?> first, List<Pending<?>> batch) throws IOException {
    List<Record> records = new ArrayList<>();
    Pending<?> next = first;
    while (next != null) {
      batch.add(next);
      for (Record record : next.decide(view, time.now())) {
        machine.apply(record);
        records.add(record);
      }
      boolean full =
          failure != null
              || batch.size() >= MOST_COMMANDS_PER_BATCH
              || overlay.bytes() >= MOST_BYTES_PER_BATCH;
      next = full ? null : queue.poll();
    }
    if (!overlay.isEmpty()) {
      try {
        log.append(records, overlay);
      } catch (StoreFailedException e) {
        failed(e);
        for (Pending<?> undone : batch) {
          refuseChange(undone, e);
        }
        batch.clear();
        return;
      }
      recent.written(overlay);
      overlay.clear();
      batches.incrementAndGet();
    }
    for (Pending<?> done : batch) {
      done.finish(follower);
    }
    batch.clear();
  }

  /** Called when what was appended could not be forced: the log has to recover. */
  void forceFailed(StoreFailedException why) {
    forceFailure = why;
    LockSupport.unpark(thread);
  }

  private void failed(StoreFailedException why) {
    if (failure == null) {
      LOG.error("changes are refused until the master's disk takes them: {}", why.getMessage());
      triedTicks = time.ticks();
    }
    failure = why;
    overlay.clear();
    recent.clear();
  }

  /** Decides a command alone: it may change nothing, and then goes on as ever. */
  private void refuseChange(Pending<?> command, StoreFailedException why) {
    if (command.decide(view, time.now()).isEmpty()) {
      command.finish(follower);
    } else {
      command.refuse(refusal(why));
    }
  }

  /** The error of all that the master cannot keep. */
  static CairnException refusal(StoreFailedException why) {
    return why.isFull()
        ? ErrorCode.NO_SPACE.because("the master's disk is full")
        : ErrorCode.IO.because("the master's disk fails: " + why.getMessage());
  }

  private void recover() throws IOException {
    if (time.ticks() - triedTicks < RECOVER_EVERY_NANOS) {
      return;
    }
    triedTicks = time.ticks();
    if (log.recover()) {
      failure = null;
      LOG.info("the master's disk takes changes again");
    }
  }

  /** Finishes what was submitted, and stops. */
  public void stop() throws InterruptedException {
    stopping = true;
    LockSupport.unpark(thread);
    thread.join(STOP_MILLIS);
    Pending<?> late = queue.poll();
    while (late != null) {
      late.refuse(ErrorCode.STOPPING.because("the master is stopping"));
      late = queue.poll();
    }
  }
}
