package dev.cairn.master.store;

import dev.cairn.rpc.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tables in RocksDB, one column family each. A write goes to its log, and to disk when forced. When
 * one of the two fails, no more is written until the database was opened again: RocksDB cannot go
 * on with a log of which it does not know what is in it.
 */
public final class RocksStore implements Store {

  private static final Logger LOG = LoggerFactory.getLogger(RocksStore.class);
  private static final String LIBRARIES = "lib";
  private static final long LIBRARY_BYTES = 20L << 20;
  private static final long UNUSED_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
  private static final int MOST_BATCH_BYTES = 8 << 20;
  private static final Overlay NOTHING_FURTHER = new Overlay(null);
  private static final long MOST_VERIFIED_BYTES = 256L << 20;

  private final Path directory;
  private final long cacheBytes;
  private final LogRecovery log;
  private final Reserve reserve;
  private final String loss;
  private final long backupTaken;
  private final WriteOptions unsynced = new WriteOptions();
  private volatile OpenDatabase open;

  /** Why nothing is written; null when something can be. */
  private volatile StoreFailedException failure;

  /** Why nothing can be read either; null when something can be, or will be in a moment. */
  private volatile IOException closed;

  private SyncMark synced;
  private long syncedSequence;

  /** For the writer's thread: the last change of a database that was shut; -1 when none is. */
  private long expected = -1;

  private RocksStore(
      Path directory,
      long cacheBytes,
      LogRecovery log,
      Reserve reserve,
      SyncMark synced,
      String loss,
      long backupTaken,
      OpenDatabase open) {
    this.directory = directory;
    this.cacheBytes = cacheBytes;
    this.log = log;
    this.reserve = reserve;
    this.synced = synced;
    this.loss = loss;
    this.backupTaken = backupTaken;
    this.open = open;
  }

  /** Opens the tables in a directory as they are kept by default, or makes them. */
  public static RocksStore open(Path directory) throws IOException {
    return open(directory, StoreSettings.defaults());
  }

  /**
   * Opens the tables in a directory, or makes them where nothing was ever written.
   *
   * @throws IOException if they are damaged, with a sentence that says what can be done
   */
  public static RocksStore open(Path directory, StoreSettings settings) throws IOException {
    if (!TableFiles.exist(directory) && TableFiles.holdChanges(directory)) {
      throw new IOException(
          directory
              + ": the tables are damaged: CURRENT is missing, and other files of them are there."
              + " Restore the master's directory from a backup.");
    }
    Files.createDirectories(directory);
    Reserve reserve = Reserve.in(directory, settings.reserveBytes());
    Path libraries = Files.createDirectories(directory.resolve(LIBRARIES));
    LogRecovery log = new LogRecovery(directory, libraries);
    if (!log.hasRoom(LIBRARY_BYTES)) {
      reserve.giveUp();
    }
    loadLibrary(libraries);
    log.prepare(settings.acceptLostLog());
    SyncMark.Said said = SyncMark.read(directory);
    OpenDatabase open = openAccepting(directory, settings, log);
    verify(directory, open);
    reserve.hold();
    String loss = loss(directory, log.accepted(), said, open.database().getLatestSequenceNumber());
    return new RocksStore(
        directory,
        settings.cacheBytes(),
        log,
        reserve,
        SyncMark.in(directory),
        loss,
        BackupMark.read(directory),
        open);
  }

  private static OpenDatabase openAccepting(Path directory, StoreSettings settings, LogRecovery log)
      throws IOException {
    try {
      return OpenDatabase.open(directory, settings.cacheBytes(), true);
    } catch (RocksDBException e) {
      if (!settings.acceptLostLog() || !LogRecovery.isMissingFile(e.getMessage())) {
        throw cannotBeOpened(directory, e);
      }
      log.accept(e.getMessage());
    }
    try {
      return OpenDatabase.open(directory, settings.cacheBytes(), false);
    } catch (RocksDBException e) {
      throw cannotBeOpened(directory, e);
    }
  }

  private static IOException cannotBeOpened(Path directory, RocksDBException e) {
    String remedy = "If files of them are damaged, restore the master's directory from a backup";
    if (isFull(e)) {
      remedy = "Make room on the disk";
    } else if (LogRecovery.isMissingFile(e.getMessage())) {
      remedy = LogRecovery.REMEDY;
    }
    return new IOException(
        directory + ": the tables cannot be opened: " + e.getMessage() + ". " + remedy + ".", e);
  }

  /** Reads all tables that are read in a moment; of others, each read checks what it reads. */
  private static void verify(Path directory, OpenDatabase open) throws IOException {
    if (TableFiles.bytes(directory) > MOST_VERIFIED_BYTES) {
      return;
    }
    try {
      open.database().verifyChecksum();
    } catch (RocksDBException e) {
      open.close();
      throw cannotBeOpened(directory, e);
    }
  }

  private static boolean isFull(RocksDBException e) {
    return e.getStatus() != null && e.getStatus().getSubCode() == Status.SubCode.NoSpace;
  }

  private static String loss(Path directory, String accepted, SyncMark.Said said, long last) {
    if (!accepted.isEmpty() || last >= said.sequence()) {
      return accepted;
    }
    String loss =
        "the end of the master's log is missing: %d changes that had been synced are not in %s"
            .formatted(said.sequence() - last, directory);
    LOG.warn("{}", loss);
    return loss;
  }

  /**
   * Unpacks the native library beside the tables, where a killed process leaves one file at most.
   */
  static void loadLibrary(Path libraries) throws IOException {
    NativeLibraryLoader.getInstance().loadLibrary(libraries.toString());
    RocksDB.loadLibrary();
  }

  /** The database, which stays open until the caller leaves it. */
  private OpenDatabase enter() {
    OpenDatabase now = open;
    while (!now.enter()) {
      IOException why = closed;
      if (why != null) {
        throw new UncheckedIOException("the master's tables cannot be read: " + why, why);
      }
      LockSupport.parkNanos(POLL_NANOS);
      now = open;
    }
    return now;
  }

  @Override
  public byte[] get(Table table, byte[] key) {
    OpenDatabase now = enter();
    try {
      return now.reads().get(table, key);
    } finally {
      now.leave();
    }
  }

  @Override
  public Cursor cursor(Table table, byte[] prefix) {
    OpenDatabase now = enter();
    return now.reads().cursor(table, prefix, now::leave);
  }

  @Override
  public Snapshot snapshot() {
    return enter().snapshot();
  }

  @Override
  public void write(Overlay changes) throws IOException {
    write(changes, NOTHING_FURTHER);
  }

  @Override
  public void write(Overlay changes, Overlay further) throws IOException {
    refuseAfterFailure();
    OpenDatabase now = enter();
    try (WriteBatch batch = new WriteBatch((int) Math.min(changes.bytes(), MOST_BATCH_BYTES))) {
      Overlay.Visitor<RocksDBException> toBatch =
          new Overlay.Visitor<>() {
            @Override
            public void put(Table table, byte[] key, byte[] value) throws RocksDBException {
              batch.put(now.family(table), key, value);
            }

            @Override
            public void delete(Table table, byte[] key) throws RocksDBException {
              batch.delete(now.family(table), key);
            }
          };
      changes.visit(toBatch);
      further.visit(toBatch);
      now.database().write(unsynced, batch);
    } catch (RocksDBException e) {
      throw failed("the master's tables cannot be written: ", isFull(e), e);
    } finally {
      now.leave();
    }
  }

  @Override
  public void force() throws IOException {
    refuseAfterFailure();
    OpenDatabase now = enter();
    try {
      long sequence = now.database().getLatestSequenceNumber();
      now.database().syncWal();
      markSynced(sequence);
    } catch (RocksDBException e) {
      throw failed("the master's log cannot be synced: ", isFull(e), e);
    } catch (IOException e) {
      throw failed("the mark beside the master's log cannot be written: ", false, e);
    } finally {
      now.leave();
    }
  }

  @Override
  public long sequence() {
    OpenDatabase now = enter();
    try {
      return now.database().getLatestSequenceNumber();
    } finally {
      now.leave();
    }
  }

  @Override
  public Checkpoint checkpoint(Path copy) throws IOException {
    refuseAfterFailure();
    OpenDatabase now = enter();
    try {
      now.checkpoint(copy);
    } catch (RocksDBException e) {
      throw new IOException("the tables cannot be copied to " + copy + ": " + e.getMessage(), e);
    } finally {
      now.leave();
    }
    return Checkpoint.in(copy);
  }

  private void refuseAfterFailure() throws StoreFailedException {
    StoreFailedException why = failure;
    if (why != null) {
      throw why;
    }
  }

  private StoreFailedException failed(String what, boolean full, Exception e) {
    failure = new StoreFailedException(what + e.getMessage(), full, e);
    return failure;
  }

  private synchronized void closeMark() throws IOException {
    synced.close();
  }

  private synchronized void markSynced(long sequence) throws IOException {
    if (sequence > syncedSequence) {
      synced.set(sequence);
      syncedSequence = sequence;
    }
  }

  @Override
  public String failure() {
    StoreFailedException why = failure;
    if (why != null) {
      return why.getMessage();
    }
    return reserve.isGivenUp() ? "its disk is full, and only deletions are accepted" : "";
  }

  @Override
  public boolean recover() throws IOException {
    StoreFailedException why = failure;
    if (why == null) {
      return true;
    }
    if (why.isFull()) {
      reserve.giveUp();
    }
    if (!log.hasRoom(0) || !shutWhenUnused()) {
      return false;
    }
    if (expected < 0) {
      expected = open.database().getLatestSequenceNumber();
      open.close();
    }
    log.prepare(false);
    OpenDatabase fresh;
    try {
      fresh = OpenDatabase.open(directory, cacheBytes, true);
    } catch (RocksDBException e) {
      closed = cannotBeOpened(directory, e);
      return false;
    }
    long found = fresh.database().getLatestSequenceNumber();
    if (found != expected) {
      fresh.close();
      throw new IOException(
          "the master's log was damaged by a failed write: change %d is the last one in it, and not %d"
              .formatted(found, expected));
    }
    expected = -1;
    open = fresh;
    closed = null;
    failure = null;
    return true;
  }

  /**
   * Takes the tables that lie in another directory in place of these, which are lost; reads wait
   * meanwhile. Nothing may be written at the same time. {@link #finishReplacement} does the rest if
   * the process ends in between.
   *
   * @param next of the parent of these tables, with whole tables that are on the disk
   */
  public void replace(Path next) throws IOException {
    if (!shutWhenUnused()) {
      throw new IOException("the tables are in use, and cannot be replaced");
    }
    open.close();
    synchronized (this) {
      synced.close();
      finishReplacement(directory, next);
      Files.createDirectories(directory.resolve(LIBRARIES));
      log.prepare(false);
      synced = SyncMark.in(directory);
      syncedSequence = 0;
      reserve.hold();
    }
    try {
      open = OpenDatabase.open(directory, cacheBytes, true);
    } catch (RocksDBException e) {
      closed = cannotBeOpened(directory, e);
      throw closed;
    }
    failure = null;
  }

  /**
   * Moves tables that are whole to where tables are expected, in place of those that are there;
   * does nothing when there are none to move.
   */
  public static void finishReplacement(Path directory, Path next) throws IOException {
    if (Files.exists(next)) {
      Checkpoint.discard(directory);
      Files.move(next, directory, StandardCopyOption.ATOMIC_MOVE);
      DurableFile.syncDirectory(directory.toAbsolutePath().getParent());
    }
  }

  private boolean shutWhenUnused() {
    long deadline = System.nanoTime() + UNUSED_WITHIN_NANOS;
    while (!open.shut()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return true;
  }

  @Override
  public boolean takesOnlyDeletions() throws IOException {
    if (reserve.isGivenUp()) {
      reserve.hold();
    }
    return reserve.isGivenUp();
  }

  @Override
  public String loss() {
    return loss;
  }

  @Override
  public void lossIsRecorded() throws IOException {
    log.forgetAccepted();
  }

  @Override
  public long backupTaken() {
    return backupTaken;
  }

  @Override
  public void backupIsRecorded() throws IOException {
    BackupMark.remove(directory);
  }

  @Override
  public void close() {
    closed = new IOException("they are closed");
    open.close();
    try {
      closeMark();
    } catch (IOException e) {
      LOG.warn("a file of the tables cannot be closed", e);
    }
    unsynced.close();
  }
}
