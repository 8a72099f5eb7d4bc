package dev.cairn.chunkserver.store;

import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One data directory: how much room it has, whether it is well, and what a failure of its files
 * means. Dead is final until the server is restarted.
 */
final class Disk {

  private static final Logger LOG = LoggerFactory.getLogger(Disk.class);
  private static final String PROBE = "probe";
  private static final int PROBE_BYTES = 4096;
  // As much as one append may have.
  private static final long LEAST_ROOM_BYTES = 2L << 20;
  // Looks at the room, one a second, until a disk that refused bytes in spite of it is tried again.
  private static final int REFUSED_LOOKS = 30;

  private final Path root;
  private final Storage storage;
  private final Findings findings;
  private final BadChunks badChunks;
  private final Quarantine quarantine;
  private final long configuredReserve;
  private final String filesystem;
  // One looks for room at a time, so that no more goes than is needed.
  private final Object makingRoom = new Object();
  private final AtomicLong usable = new AtomicLong();
  private volatile long total;
  private volatile String failure = "";
  private volatile boolean full;
  private final AtomicInteger refusedLooks = new AtomicInteger();

  /**
   * @param configuredReserve bytes to leave free, or negative for the default
   */
  Disk(Path root, Storage storage, Findings findings, long configuredReserve, Quarantine quarantine)
      throws IOException {
    this.root = root;
    this.storage = storage;
    this.findings = findings;
    this.configuredReserve = configuredReserve;
    this.badChunks = new BadChunks(storage, root.resolve("bad-chunks"));
    this.filesystem = storage.filesystem(root);
    this.quarantine = quarantine;
    measure();
    probed();
  }

  Path root() {
    return root;
  }

  Storage storage() {
    return storage;
  }

  BadChunks badChunks() {
    return badChunks;
  }

  Quarantine quarantine() {
    return quarantine;
  }

  boolean isDead() {
    return !failure.isEmpty();
  }

  /**
   * @param heldBytes what Cairn's own data takes
   */
  DiskReport report(long heldBytes) {
    return new DiskReport(
        root.toString(),
        filesystem,
        total,
        room(),
        failure,
        heldBytes,
        quarantine.bytes(),
        quarantine.chunks());
  }

  /** Room for new chunks, in bytes; none when the disk is dead. */
  long room() {
    return isDead() ? 0 : Math.max(0, usable.get() - reserve());
  }

  long totalBytes() {
    return total;
  }

  /**
   * Bytes kept free so that deleting, which appends a little, always works: a hundredth of the
   * disk, between 4 MiB and 1 GiB, but never more than a sixteenth.
   */
  private long reserve() {
    if (configuredReserve >= 0) {
      return configuredReserve;
    }
    long hundredth = Math.min(Math.max(total / 100, 4L << 20), 1L << 30);
    return Math.min(hundredth, total / 16);
  }

  /** Looks how much room there is. Between two looks, what is written is counted down. */
  void measure() throws IOException {
    total = storage.totalBytes(root);
    if (refusedLooks.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      usable.set(0);
      return;
    }
    usable.set(storage.usableBytes(root));
    if (full && room() > 0) {
      full = false;
      LOG.info("{} has room again: {}", root, SizeInBytes.show(room()));
    }
  }

  void used(long bytes) {
    usable.addAndGet(-bytes);
  }

  /** Refuses when the disk is dead, or would have less than its reserve after so many bytes. */
  void admit(long bytes) throws CairnException {
    requireAlive();
    if (usable.get() - bytes < reserve() && !makeRoom(bytes)) {
      throw noSpace(null);
    }
  }

  /**
   * Has the quarantine go, the oldest first, until there is so much room; false when there is not.
   */
  boolean makeRoom(long bytes) {
    boolean made = true;
    while (made) {
      made = makeSomeRoom(bytes);
    }
    return !isDead() && room() >= bytes;
  }

  /**
   * Has some of the quarantine go, the oldest first, if there is less room than that; false when
   * nothing went.
   */
  boolean makeSomeRoom(long bytes) {
    synchronized (makingRoom) {
      try {
        if (isDead() || room() >= bytes || !quarantine.deleteSome()) {
          return false;
        }
        measure();
        return true;
      } catch (IOException e) {
        LOG.warn("the quarantine of {} cannot be emptied: {}", root, reason(e));
        return false;
      }
    }
  }

  void requireAlive() throws CairnException {
    if (isDead()) {
      throw ErrorCode.IO.because(root + " is out of use: " + failure);
    }
  }

  private CairnException noSpace(IOException cause) {
    if (!full) {
      full = true;
      LOG.warn("{} is full: no chunk is written to it until there is room", root);
    }
    return ErrorCode.NO_SPACE.because(root + " is full", cause);
  }

  /**
   * What a failed write, or a failed creation of a file, means for the disk and the caller. The
   * text of the error is the operating system's, in the user's language, and says nothing here: a
   * disk that has no room left, or that takes and forces bytes where a file has some already, is
   * full (by a quota, or for want of inodes, if it has room). Any other one is dead, also one that
   * has become read-only.
   */
  CairnException writeFailed(Path file, IOException e) {
    if (storage.lacksDescriptors()) {
      return lacksDescriptors(file, e);
    }
    if (isOutOfRoom()) {
      usable.set(0);
      return noSpace(e);
    }
    if (probed() == null) {
      LOG.warn("{} takes no more bytes, though it has room: {}", root, reason(e));
      refusedLooks.set(REFUSED_LOOKS);
      usable.set(0);
      return noSpace(e);
    }
    if (storage.lacksDescriptors()) {
      return lacksDescriptors(file, e);
    }
    die("writing " + file + " failed: " + reason(e));
    return ErrorCode.IO.because(file + " cannot be written: " + reason(e), e);
  }

  private static CairnException lacksDescriptors(Path file, IOException e) {
    return ErrorCode.IO.because(file + " cannot be opened: too many open files", e);
  }

  private boolean isOutOfRoom() {
    try {
      return storage.usableBytes(root) < LEAST_ROOM_BYTES;
    } catch (IOException e) {
      LOG.debug("the room on {} cannot be found out", root, e);
      return false;
    }
  }

  /** A failed force: nobody knows what is on the disk now, and a second try would hide it. */
  CairnException forceFailed(Path file, IOException e) {
    die("forcing " + file + " to the disk failed: " + reason(e));
    return ErrorCode.IO.because(file + " cannot be forced to the disk: " + reason(e), e);
  }

  /** A failed read: the chunk is bad, unless it is the disk. */
  CairnException readFailed(long chunkId, Path file, IOException e) {
    if (storage.lacksDescriptors()) {
      return lacksDescriptors(file, e);
    }
    if (!(e instanceof NoSuchFileException) && !works()) {
      return ErrorCode.IO.because(root + " is out of use: " + failure, e);
    }
    return condemn(chunkId, "reading " + file + " failed: " + reason(e));
  }

  /** Condemns a chunk that cannot be read when the store is opened; throws when it is the disk. */
  void readFailedAtStart(long chunkId, Path file, IOException e) throws CairnException {
    CairnException meaning = readFailed(chunkId, file, e);
    if (meaning.code() != ErrorCode.CORRUPT) {
      throw meaning;
    }
  }

  /** Throws when a file cannot be read because of the disk, or of this process. */
  void requireWell(IOException e) throws CairnException {
    if (storage.lacksDescriptors()) {
      throw ErrorCode.IO.because("too many open files", e);
    }
    if (!works()) {
      requireAlive();
    }
  }

  /** Notes that a block does not match its checksum. */
  CairnException badBlock(long chunkId, Path file, long block) {
    return condemn(chunkId, "block " + block + " in " + file + " does not match its checksum");
  }

  /** Notes that a chunk is damaged, for the master and for the next start; logs it once. */
  CairnException condemn(long chunkId, String reason) {
    if (findings.addBad(chunkId, reason)) {
      LOG.error("{} is damaged: {}", ChunkName.show(chunkId), reason);
      badChunks.remember(chunkId, reason);
    }
    return ErrorCode.CORRUPT.because(ChunkName.show(chunkId) + " is damaged: " + reason);
  }

  /** Whether the disk still works. It dies when not, other than by being full. */
  private boolean works() {
    if (isDead()) {
      return false;
    }
    IOException e = probed();
    if (e != null && !isOutOfRoom() && !storage.lacksDescriptors()) {
      die("writing " + root.resolve(PROBE) + " failed: " + reason(e));
    }
    return !isDead();
  }

  /**
   * Writes and forces a file that takes no more room than before, except for the first time, which
   * is at the start. Returns the error; null when there was none.
   */
  private IOException probed() {
    try (Storage.OpenFile probe = storage.open(root.resolve(PROBE), Storage.Mode.OPEN_OR_CREATE)) {
      probe.write(ByteBuffer.allocate(PROBE_BYTES), 0);
      probe.force();
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  void die(String reason) {
    synchronized (this) {
      if (isDead()) {
        return;
      }
      failure = reason;
    }
    LOG.error("{} is out of use until the server is restarted: {}", root, reason);
  }

  /** What an error says, without the file's name. */
  static String reason(IOException e) {
    if (e instanceof FileSystemException file) {
      if (file.getReason() != null) {
        return file.getReason();
      }
      return e instanceof NoSuchFileException
          ? "no such file or directory"
          : e instanceof AccessDeniedException
              ? "permission denied"
              : e instanceof FileAlreadyExistsException
                  ? "it is not a directory"
                  : e.getClass().getSimpleName();
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
