package dev.cairn.rpc.backup;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.DurableFile;
import dev.cairn.rpc.proto.BackupFile;
import dev.cairn.rpc.proto.BackupHead;
import dev.cairn.rpc.proto.BackupPage;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Writes a backup as its pages come, to {@code TARGET.part} until it is whole and on the disk. What
 * an interrupted one left there is removed by the next.
 */
public final class BackupWriter implements Closeable {

  /** What the name of an unfinished backup ends with. */
  public static final String PART_SUFFIX = ".part";

  static final String TABLES = "tables";
  private static final String LOCK = "lock";

  private final Path target;
  private final Path part;
  private final FileChannel lock;
  private final List<Manifest.Entry> files = new ArrayList<>();
  private final Sha256 digest = new Sha256();
  private BackupHead head;
  private BackupFile current;
  private FileChannel file;
  private long written;
  private boolean finished;

  private BackupWriter(Path target, Path part, FileChannel lock) {
    this.target = target;
    this.part = part;
    this.lock = lock;
  }

  /** Begins a backup; the target must not be there, and its parents are made. */
  public static BackupWriter to(Path backup) throws IOException {
    Path target = backup.toAbsolutePath().normalize();
    if (target.getFileName() == null) {
      throw new FileAlreadyExistsException(target.toString());
    }
    refuseExisting(target);
    DurableFile.createDirectories(target.getParent());
    Path part = target.resolveSibling(target.getFileName() + PART_SUFFIX);
    Files.createDirectories(part);
    FileChannel lock = lock(target, part.resolve(LOCK));
    try {
      Path tables = part.resolve(TABLES);
      Tree.remove(tables);
      Files.deleteIfExists(part.resolve(Manifest.NAME));
      Files.createDirectory(tables);
      return new BackupWriter(target, part, lock);
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  private static void refuseExisting(Path target) throws IOException {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(
          target.toString(), null, "exists already: a backup is written to a new directory");
    }
  }

  private static FileChannel lock(Path target, Path path) throws IOException {
    FileChannel lock = tryLock(path);
    if (lock == null) {
      throw new IOException("another backup is being written to " + target);
    }
    return lock;
  }

  /** The lock; null while another one has it. */
  private static FileChannel tryLock(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean ours;
    try {
      ours = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      ours = false;
    }
    if (!ours) {
      channel.close();
    }
    return ours ? channel : null;
  }

  /** Removes what an interrupted backup has left, unless somebody is writing it. */
  public static void removeUnfinished(Path part) throws IOException {
    if (Files.isDirectory(part, LinkOption.NOFOLLOW_LINKS)) {
      try (FileChannel lock = tryLock(part.resolve(LOCK))) {
        if (lock != null) {
          Tree.remove(part);
        }
      }
    }
  }

  /** Takes the next page. */
  public void take(BackupPage page) throws IOException {
    if (page.hasHead()) {
      head = page.getHead();
    }
    if (page.hasBegin()) {
      begin(page.getBegin());
    }
    if (!page.getPiece().isEmpty()) {
      add(page.getPiece());
    }
    if (!page.getSha256().isEmpty()) {
      end(page.getSha256());
    }
    if (page.getEnd()) {
      finish();
    }
  }

  private void begin(BackupFile next) throws IOException {
    if (file != null || !Manifest.isFileName(next.getName()) || next.getBytes() < 0) {
      throw broken("begins no file with '" + next.getName() + "'");
    }
    current = next;
    written = 0;
    file =
        FileChannel.open(
            part.resolve(TABLES).resolve(next.getName()),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE);
  }

  private void add(ByteString piece) throws IOException {
    if (file == null || piece.size() > current.getBytes() - written) {
      throw broken("has bytes that belong to no file");
    }
    ByteBuffer bytes = piece.asReadOnlyByteBuffer();
    digest.add(bytes.duplicate());
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
    written += piece.size();
  }

  private void end(ByteString sha256) throws IOException {
    if (file == null || written != current.getBytes()) {
      throw broken("ends a file too early");
    }
    ByteString found = ByteString.copyFrom(digest.bytes());
    if (!found.equals(sha256)) {
      throw broken("has other bytes of " + current.getName() + " than were sent");
    }
    file.force(true);
    file.close();
    file = null;
    String hex = HexFormat.of().formatHex(found.toByteArray());
    files.add(new Manifest.Entry(current.getName(), written, hex));
  }

  private void finish() throws IOException {
    if (head == null || file != null || files.size() != head.getFiles()) {
      throw broken("ends too early");
    }
    DurableFile.syncDirectory(part.resolve(TABLES));
    Files.delete(part.resolve(LOCK));
    DurableFile.write(part.resolve(Manifest.NAME), new Manifest(head, files).text());
    refuseExisting(target);
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    DurableFile.syncDirectory(target.getParent());
    finished = true;
  }

  /** What was written, once the last page was taken. */
  public Manifest manifest() throws IOException {
    if (!finished) {
      throw broken("ends too early");
    }
    return new Manifest(head, files);
  }

  private IOException broken(String how) {
    return new IOException("the backup for " + target + " " + how);
  }

  /** Ends the backup; one that is not whole is removed. */
  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
    if (!finished) {
      Tree.remove(part);
    }
    lock.close();
  }
}
