package dev.cairn.master.backup;

import dev.cairn.master.store.Checkpoint;
import dev.cairn.master.store.Store;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.DurableFile;
import dev.cairn.rpc.Version;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.BackupHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes backups, one at a time. Safe for any thread. */
public final class Backups {

  private static final Logger LOG = LoggerFactory.getLogger(Backups.class);

  /** In the master's directory: when the last backup was made that a client read to its end. */
  private static final String LAST_READ = "BACKUP-READ";

  private final Store store;
  private final Path checkpoint;
  private final Path lastReadFile;
  private final BackupHead head;
  private final Time time;
  private Thread running;
  private volatile boolean stopped;
  private volatile long lastRead;

  /**
   * Makes one that runs nothing, and removes what a killed process has left.
   *
   * @param data the master's directory
   * @param format of its directory
   */
  public Backups(Store store, Path data, String format, Time time) throws IOException {
    this.store = store;
    this.checkpoint = data.resolve("backup-copy");
    this.lastReadFile = data.resolve(LAST_READ);
    this.head = BackupHead.newBuilder().setVersion(Version.number()).setFormat(format).build();
    this.time = time;
    Checkpoint.discard(checkpoint);
    this.lastRead = readTime(lastReadFile);
  }

  private static long readTime(Path file) throws IOException {
    try {
      return Long.parseLong(Files.readString(file).strip());
    } catch (NoSuchFileException e) {
      return 0;
    } catch (NumberFormatException e) {
      LOG.warn("{} does not say when the last backup was made: it is ignored", file);
      return 0;
    }
  }

  /** When the last backup was made that a client read to its end; 0 when none was. */
  long lastRead() {
    return lastRead;
  }

  /**
   * Begins a backup for a client, on a thread of its own; refuses with BUSY while another one is
   * made.
   *
   * @param failed is told why the backup ended early, on that thread
   */
  public synchronized void start(BackupPages pages, Consumer<CairnException> failed)
      throws CairnException {
    Thread thread = new Thread(() -> serve(pages, failed), "master-backup");
    begin(thread);
    thread.start();
  }

  private synchronized void begin(Thread thread) throws CairnException {
    if (stopped) {
      throw ErrorCode.STOPPING.because("the master is stopping");
    }
    if (running != null) {
      throw ErrorCode.BUSY.because("another backup is being made: wait until it ends");
    }
    running = thread;
  }

  private synchronized void ended() {
    running = null;
    notifyAll();
  }

  private void serve(BackupPages pages, Consumer<CairnException> failed) {
    CairnException failure = null;
    try {
      long taken = run(pages);
      lastRead = taken;
      DurableFile.write(lastReadFile, taken + "\n");
    } catch (CairnException e) {
      failure = e;
    } catch (IOException e) {
      failure = ErrorCode.IO.because("the backup failed: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      // The boundary of the thread: the master goes on, and who asked hears of it.
      LOG.error("a backup failed", e);
      failure = ErrorCode.IO.because("the master failed to make a backup: " + e, e);
    }
    ended();
    if (failure != null) {
      LOG.warn("a backup for a client ended early: {}", failure.getMessage());
      failed.accept(failure);
    }
  }

  /** Makes a backup on this thread, and answers when it was made. */
  long copy(BackupPages pages) throws IOException {
    begin(Thread.currentThread());
    try {
      return run(pages);
    } finally {
      ended();
    }
  }

  private long run(BackupPages pages) throws IOException {
    return new BackupRun(store, checkpoint, head, time, pages).run();
  }

  /** Whether no backup is made any more. */
  boolean isStopped() {
    return stopped;
  }

  /** Ends a backup that is being made, and waits for its end: it reads the store. */
  public synchronized void stop() throws InterruptedException {
    stopped = true;
    if (running != null) {
      running.interrupt();
    }
    while (running != null) {
      wait();
    }
  }
}
