package dev.cairn.client.transfer;

import dev.cairn.client.path.PathErrors;
import dev.cairn.rpc.command.CommandRunner;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Threads that transfer files, each one file at a time. What fails is said and does not keep the
 * others. When the process is told to end, or the thread that waits is interrupted, the files under
 * way are given up and their temporary names removed.
 */
public final class Workers implements AutoCloseable {

  static final int BLOCK_BYTES = 1 << 20;
  static final int BLOCKS_UNDER_WAY = 4;
  private static final int MOST_WAITING = 256;
  private static final int SECONDS_TO_GIVE_UP = 5;

  private final ExecutorService threads;
  private final Semaphore room = new Semaphore(MOST_WAITING);
  private final Consumer<String> failed;
  private final Thread atExit = new Thread(this::giveUp, "give-up-transfers");
  private volatile boolean ending;

  /** Work on a file. */
  @FunctionalInterface
  interface Task {
    void run() throws IOException;
  }

  /**
   * @param failed is told each failure in one sentence, by any thread
   */
  public Workers(int threads, Consumer<String> failed) {
    this.threads = Executors.newFixedThreadPool(threads);
    this.failed = failed;
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  static String temporaryName(String direction) {
    return String.format(".cairn-%s-%016x", direction, ThreadLocalRandom.current().nextLong());
  }

  /** Has a task run, now or soon; waits while very many are to be run. */
  void submit(String path, Task task) {
    room.acquireUninterruptibly();
    threads.execute(
        () -> {
          try {
            attempt(path, task);
          } finally {
            room.release();
          }
        });
  }

  /** Runs the task on this thread and says when it fails. */
  void attempt(String path, Task task) {
    try {
      if (!ending) {
        task.run();
      }
    } catch (CairnException e) {
      // One sentence for everything is await()'s.
      if (e.code() == ErrorCode.INTERRUPTED) {
        ending = true;
      }
      say(e.getMessage().contains(path) ? e : PathErrors.at(path, e));
    } catch (IOException e) {
      say(e);
    }
  }

  private void say(IOException e) {
    if (!ending) {
      failed.accept(CommandRunner.oneLine(e));
    }
  }

  /** Waits until everything submitted has run. */
  void await() throws CairnException {
    try {
      room.acquire(MOST_WAITING);
    } catch (InterruptedException e) {
      giveUp();
      Thread.currentThread().interrupt();
      throw ErrorCode.INTERRUPTED.because("interrupted", e);
    }
    room.release(MOST_WAITING);
  }

  private void giveUp() {
    ending = true;
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(SECONDS_TO_GIVE_UP, TimeUnit.SECONDS)) {
        failed.accept("temporary files (.cairn-...) of what was under way may be left");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(atExit);
    threads.shutdown();
  }
}
