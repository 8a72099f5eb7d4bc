package dev.cairn.master.log;

import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.ReplyWindows;
import dev.cairn.master.store.RecentRows;
import dev.cairn.master.store.Store;
import dev.cairn.master.store.StoreFailedException;
import dev.cairn.master.store.Tables;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.metrics.Latency;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
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
  private static final int MOST_IN_FLIGHT = 8;
  private static final long MOST_BYTES_IN_FLIGHT = 16L << 20;
  private static final long RECOVER_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long STOP_MILLIS = 10_000;

  private final FairQueue queue = new FairQueue();
  private final RecordLog log;
  private final RecentRows recent;
  private final ReplyWindows windows = new ReplyWindows();
  private final Time time;
  private final Consumer<Record> follower;
  private final Consumer<Throwable> fatal;
  private final Thread thread = new Thread(this::run, "master-writer");
  private volatile boolean parked;
  private volatile boolean stopping;
  private final AtomicLong batches = new AtomicLong();
  private final LongAdder submitted = new LongAdder();
  private final AtomicLong decided = new AtomicLong();
  private final Latency commits = new Latency();

  /** Why it was deposed; null while it was not. */
  private volatile CairnException deposed;

  /** Why nothing is taken any more; null while something is. */
  private volatile CairnException closed;

  /** For the writer's thread: batches that were appended, each over the one before. */
  private final Deque<Batch> inFlight = new ArrayDeque<>();

  private final Deque<Batch> spare = new ArrayDeque<>();
  private long bytesInFlight;

  /** For the writer's thread: why changes are refused; null when they are not. */
  private StoreFailedException failure;

  /** For the writer's thread: the disk has room for little more. */
  private boolean onlyDeletions;

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
    submitted.increment();
    queue.add(pending);
    CairnException why = closed;
    if (why != null && queue.remove(pending)) {
      pending.refuse(why);
    } else if (parked) {
      LockSupport.unpark(thread);
    }
  }

  /** How many batches became part of the state: equal numbers mean that nothing happened. */
  public long batches() {
    return batches.get();
  }

  /** How many commands were decided. */
  public long commands() {
    return decided.get();
  }

  /** How many commands wait to be decided. */
  public long waiting() {
    long done = decided.get();
    return Math.max(0, submitted.sum() - done);
  }

  /** How long batches took from the log's append until they were part of the state. */
  public Latency commits() {
    return commits;
  }

  private void run() {
    try {
      onlyDeletions = log.takesOnlyDeletions();
    } catch (IOException e) {
      fatal.accept(e);
      return;
    }
    while (!stopping || !queue.isEmpty() || !inFlight.isEmpty()) {
      try {
        settle();
        if (deposed != null) {
          inFlight.forEach(batch -> batch.refuse(deposed.ofWhatMayBeDone()));
          inFlight.clear();
          close(deposed);
          return;
        }
        if (forceFailure != null) {
          failed(forceFailure);
          forceFailure = null;
        }
        if (failure != null && isTimeToTry()) {
          recover();
        } else if (onlyDeletions) {
          lookForRoom();
        }
        Pending<?> first = hasRoom() ? queue.poll() : null;
        if (first == null) {
          park();
        } else {
          runBatch(first);
        }
      } catch (IOException | RuntimeException | Error e) {
        fatal.accept(e);
        return;
      }
    }
  }

  private boolean hasRoom() {
    return inFlight.size() < MOST_IN_FLIGHT && bytesInFlight < MOST_BYTES_IN_FLIGHT;
  }

  private void park() {
    parked = true;
    if (hasNothingToDo()) {
      if (failure == null && !onlyDeletions) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, RECOVER_EVERY_NANOS);
      }
    }
    parked = false;
  }

  private boolean hasNothingToDo() {
    if (deposed != null || (!inFlight.isEmpty() && inFlight.peek().isCommitted())) {
      return false;
    }
    return hasRoom() ? queue.isEmpty() && (!stopping || !inFlight.isEmpty()) : true;
  }

  private void runBatch(Pending<?> first) throws IOException {
    Batch batch = begin();
    Pending<?> next = first;
    while (next != null) {
      batch.decide(next, time.now(), onlyDeletions);
      boolean full =
          failure != null
              || batch.size() >= MOST_COMMANDS_PER_BATCH
              || batch.effects().bytes() >= MOST_BYTES_PER_BATCH;
      next = full ? null : queue.poll();
    }
    decided.addAndGet(batch.size());
    batch.appendedAt(System.nanoTime());
    inFlight.add(batch);
    bytesInFlight += batch.effects().bytes();
    if (batch.changesNothing()) {
      // What was read may be of batches that are not committed yet.
      batch.commit();
    } else {
      append(batch);
    }
    settle();
  }

  /** An empty batch over those in flight. */
  private Batch begin() {
    Tables base = inFlight.isEmpty() ? recent : inFlight.peekLast().effects();
    Batch batch = spare.isEmpty() ? new Batch(base, windows) : spare.pop();
    batch.effects().rebase(base);
    return batch;
  }

  private void append(Batch batch) throws IOException {
    try {
      log.append(
          batch.records(),
          batch.effects(),
          () -> {
            batch.commit();
            if (parked) {
              LockSupport.unpark(thread);
            }
          });
    } catch (StoreFailedException e) {
      inFlight.removeLast();
      bytesInFlight -= batch.effects().bytes();
      boolean works = failed(e) && e.isFull() && recover();
      List<Pending<?>> undone = List.copyOf(batch.commands());
      batch.clear();
      spare.push(batch);
      if (works) {
        // There was a reserve: the commands are decided again, some of which it is for.
        undone.forEach(queue::addAgain);
        return;
      }
      Batch alone = begin();
      for (Pending<?> command : undone) {
        refuseChange(command, alone.view(), e);
      }
      spare.push(alone);
    }
  }

  /** Answers the commands of all batches that are committed, in their order. */
  private void settle() {
    while (!inFlight.isEmpty() && inFlight.peek().isCommitted()) {
      Batch done = inFlight.remove();
      bytesInFlight -= done.effects().bytes();
      if (!done.changesNothing()) {
        recent.written(done.effects());
        batches.incrementAndGet();
        commits.since(done.appendedNanos());
      }
      if (!inFlight.isEmpty()) {
        inFlight.peek().effects().rebase(recent);
      }
      done.finish(follower);
      done.clear();
      spare.push(done);
    }
  }

  /**
   * Says that this master does not lead any more: what is in flight may become part of the state or
   * not, and everything is refused. For any thread; {@link #stop} waits for the end.
   */
  public void depose(CairnException why) {
    deposed = why;
    LockSupport.unpark(thread);
  }

  private void close(CairnException why) {
    closed = why;
    Pending<?> late = queue.poll();
    while (late != null) {
      late.refuse(why);
      late = queue.poll();
    }
  }

  /** Called when what was appended could not be forced: the log has to recover. */
  void forceFailed(StoreFailedException why) {
    forceFailure = why;
    LockSupport.unpark(thread);
  }

  /** Notes a failure; returns whether it is a new one. */
  private boolean failed(StoreFailedException why) {
    boolean fresh = failure == null;
    if (fresh) {
      LOG.error("changes are refused until the master's disk takes them: {}", why.getMessage());
      triedTicks = time.ticks();
    }
    failure = why;
    recent.clear();
    windows.clear();
    return fresh;
  }

  /** Decides a command alone: it may change nothing, and then goes on as ever. */
  private void refuseChange(Pending<?> command, MetadataView view, StoreFailedException why) {
    if (command.decide(view, time.now(), onlyDeletions).isEmpty()) {
      command.finish(follower);
    } else {
      command.refuse(refusal(why));
    }
  }

  /** The error of all that the master cannot keep. */
  static CairnException refusal(StoreFailedException why) {
    return why.isFull()
        ? full()
        : ErrorCode.IO.because("the master's disk fails: " + why.getMessage());
  }

  /** The error of what needs room on the master's disk. */
  static CairnException full() {
    return ErrorCode.NO_SPACE.because("the master's disk is full");
  }

  private boolean isTimeToTry() {
    if (time.ticks() - triedTicks < RECOVER_EVERY_NANOS) {
      return false;
    }
    triedTicks = time.ticks();
    return true;
  }

  private boolean recover() throws IOException {
    if (!log.recover()) {
      return false;
    }
    failure = null;
    onlyDeletions = log.takesOnlyDeletions();
    if (onlyDeletions) {
      LOG.error("the master's disk is full: only deletions are accepted until there is room");
    } else {
      LOG.info("the master's disk takes changes again");
    }
    return true;
  }

  private void lookForRoom() throws IOException {
    if (isTimeToTry()) {
      onlyDeletions = log.takesOnlyDeletions();
      if (!onlyDeletions) {
        LOG.info("the master's disk has room again, and takes all changes");
      }
    }
  }

  /** Finishes what was submitted, and stops. */
  public void stop() throws InterruptedException {
    stopping = true;
    LockSupport.unpark(thread);
    thread.join(STOP_MILLIS);
    if (closed == null) {
      close(ErrorCode.STOPPING.because("the master is stopping"));
    }
  }
}
