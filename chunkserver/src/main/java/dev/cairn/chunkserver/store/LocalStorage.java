package dev.cairn.chunkserver.store;

import dev.cairn.rpc.metrics.Latency;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** The operating system's files. */
final class LocalStorage implements Storage {

  private final Latency syncs;

  LocalStorage() {
    this(new Latency());
  }

  /**
   * @param syncs measures how long it takes to force files and directories
   */
  LocalStorage(Latency syncs) {
    this.syncs = syncs;
  }

  @Override
  public OpenFile open(Path file, Mode mode) throws IOException {
    return new ChannelFile(FileChannel.open(file, options(mode)), syncs);
  }

  private static Set<OpenOption> options(Mode mode) {
    return switch (mode) {
      case READ -> Set.of(StandardOpenOption.READ);
      case WRITE -> Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
      case CREATE ->
          Set.of(
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING);
      case OPEN_OR_CREATE ->
          Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    };
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> entries = Files.list(directory)) {
      entries.forEach(entry -> names.add(entry.getFileName().toString()));
    }
    return names;
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    Files.createDirectories(directory);
  }

  @Override
  public long size(Path file) throws IOException {
    return Files.size(file);
  }

  @Override
  public boolean exists(Path file) {
    return Files.exists(file);
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public void replace(Path file, Path by) throws IOException {
    Files.move(by, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    // Linux lets a directory be opened for reading and forced; this is how names become durable.
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      long began = System.nanoTime();
      channel.force(true);
      syncs.since(began);
    }
  }

  @Override
  public String filesystem(Path directory) throws IOException {
    return Filesystem.of(directory);
  }

  @Override
  public boolean lacksDescriptors() {
    // The root is there, and in memory: opening it needs nothing but a descriptor.
    try (FileChannel root = FileChannel.open(Path.of("/"), StandardOpenOption.READ)) {
      return !root.isOpen();
    } catch (AccessDeniedException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  // Not by a FileStore, which looks for the mount point: there is none in a chroot.
  @Override
  public long totalBytes(Path directory) throws IOException {
    File at = directory.toFile();
    long total = at.getTotalSpace();
    if (total <= 0) {
      throw new IOException("the size of its filesystem cannot be found out");
    }
    // Without what is kept for root, as df(1) has it: nobody else can fill that.
    return total - at.getFreeSpace() + at.getUsableSpace();
  }

  @Override
  public long usableBytes(Path directory) throws IOException {
    long usable = directory.toFile().getUsableSpace();
    if (usable <= 0) {
      // Nothing is left, or there is no such filesystem any more.
      totalBytes(directory);
    }
    return usable;
  }

  private record ChannelFile(FileChannel channel, Latency syncs) implements OpenFile {

    @Override
    public void read(ByteBuffer into, long position) throws IOException {
      long at = position;
      while (into.hasRemaining()) {
        int count = channel.read(into, at);
        if (count < 0) {
          return;
        }
        at += count;
      }
    }

    @Override
    public void write(ByteBuffer from, long position) throws IOException {
      long at = position;
      while (from.hasRemaining()) {
        at += channel.write(from, at);
      }
    }

    @Override
    public void truncate(long size) throws IOException {
      channel.truncate(size);
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void force() throws IOException {
      long began = System.nanoTime();
      channel.force(false);
      syncs.since(began);
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        // What mattered was forced, or will be found missing by its checksum.
        LoggerFactory.getLogger(LocalStorage.class).debug("close failed", e);
      }
    }
  }
}
