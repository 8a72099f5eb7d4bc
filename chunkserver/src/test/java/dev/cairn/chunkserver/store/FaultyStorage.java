package dev.cairn.chunkserver.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;

/** The operating system's files, on a disk that can be broken or filled. */
final class FaultyStorage implements Storage {

  private final Storage real = new LocalStorage();
  volatile Predicate<Path> failReads = file -> false;
  // The bytes of the file that failReads means: all of them, unless a test says less.
  volatile long failReadsFrom;
  volatile long failReadsTo = Long.MAX_VALUE;
  volatile Predicate<Path> failOpens = file -> false;
  volatile Predicate<Path> failLists = directory -> false;
  volatile Predicate<Path> failWrites = file -> false;
  volatile Predicate<Path> failForces = file -> false;
  // As by a quota: files do not grow, whatever room there is.
  volatile boolean failGrowth;
  volatile boolean lacksDescriptors;
  // Bytes that may still be written; what exceeds them is written in part, and fails.
  volatile long spaceBytes = 1L << 39;
  volatile long totalBytes = 1L << 40;
  // Is shown what is about to be deleted.
  volatile Consumer<Path> beforeDelete = file -> {};
  // Is shown the file that is about to be written to.
  volatile Consumer<Path> beforeWrite = file -> {};
  // Is shown the file that is read from, and how many bytes at once.
  volatile ObjIntConsumer<Path> onRead = (file, bytes) -> {};
  // Whether the bytes of what is deleted may be written again.
  volatile boolean deletingFrees;

  /** How many files are open, and the most there were. */
  final AtomicInteger open = new AtomicInteger();

  final AtomicInteger mostOpen = new AtomicInteger();

  @Override
  public OpenFile open(Path file, Mode mode) throws IOException {
    if ((mode == Mode.CREATE && failWrites.test(file)) || failOpens.test(file)) {
      throw new IOException("Input/output error");
    }
    OpenFile opened = real.open(file, mode);
    mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
    return new FaultyFile(file, opened);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    if (failLists.test(directory)) {
      throw new IOException("Input/output error");
    }
    return real.list(directory);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    real.createDirectories(directory);
  }

  @Override
  public long size(Path file) throws IOException {
    return real.size(file);
  }

  @Override
  public boolean exists(Path file) {
    return real.exists(file);
  }

  @Override
  public void delete(Path file) throws IOException {
    beforeDelete.accept(file);
    if (deletingFrees && real.exists(file)) {
      synchronized (this) {
        spaceBytes += real.size(file);
      }
    }
    real.delete(file);
  }

  @Override
  public void replace(Path file, Path by) throws IOException {
    real.replace(file, by);
  }

  @Override
  public void forceDirectory(Path directory) {
    // Costs time on a real disk, and no test cuts the power of this machine.
  }

  @Override
  public String filesystem(Path directory) throws IOException {
    return real.filesystem(directory);
  }

  @Override
  public boolean lacksDescriptors() {
    return lacksDescriptors;
  }

  @Override
  public long totalBytes(Path directory) {
    return totalBytes;
  }

  @Override
  public long usableBytes(Path directory) {
    return spaceBytes;
  }

  private final class FaultyFile implements OpenFile {

    private final Path path;
    private final OpenFile file;

    FaultyFile(Path path, OpenFile file) {
      this.path = path;
      this.file = file;
    }

    @Override
    public void read(ByteBuffer into, long position) throws IOException {
      boolean meant = position < failReadsTo && position + into.remaining() > failReadsFrom;
      if (meant && failReads.test(path)) {
        throw new IOException("Input/output error");
      }
      onRead.accept(path, into.remaining());
      file.read(into, position);
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      beforeWrite.accept(path);
      if (failWrites.test(path)) {
        throw new IOException("Input/output error");
      }
      if (failGrowth && position + from.remaining() > file.size()) {
        throw new IOException("Der zugewiesene Plattenplatz ist \u00fcberschritten");
      }
      synchronized (FaultyStorage.this) {
        int fits = (int) Math.min(spaceBytes, from.remaining());
        spaceBytes -= fits;
        int end = from.limit();
        file.write(from.limit(from.position() + fits), position);
        from.limit(end);
      }
      if (from.hasRemaining()) {
        throw new IOException("Auf dem Ger\u00e4t ist kein Speicherplatz mehr verf\u00fcgbar");
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      file.truncate(size);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void force() throws IOException {
      if (failForces.test(path)) {
        throw new IOException("Input/output error");
      }
    }

    @Override
    public void close() {
      open.decrementAndGet();
      file.close();
    }
  }
}
