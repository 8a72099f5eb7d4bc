package dev.cairn.client.transfer;

import com.google.protobuf.ByteString;
import dev.cairn.client.path.Answers;
import dev.cairn.client.path.Names;
import dev.cairn.client.path.Node;
import dev.cairn.client.path.Tree;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.DirectoryEntry;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;

/** Copies files and trees out of the cluster. */
public final class Download {

  private static final OpenFlags READ = new OpenFlags(true, false, false, false);

  private final Tree tree;
  private final Workers workers;
  private final LongConsumer progress;
  private final List<Directory> directories = new ArrayList<>();

  /** A directory that is filled, and what it is to look like then. */
  private record Directory(Path path, Attributes attributes) {}

  public Download(Tree tree, Workers workers, LongConsumer progress) {
    this.tree = tree;
    this.workers = workers;
    this.progress = progress;
  }

  /** Writes the whole content of a file; fails when the file turns out shorter than it was. */
  public static void content(Vfs vfs, Node file, WritableByteChannel to, LongConsumer progress)
      throws IOException {
    if (file.isDirectory()) {
      throw ErrorCode.IS_DIRECTORY.because(Names.printable(file.path()) + ": is a directory");
    }
    if (!file.isRegular()) {
      throw ErrorCode.INVALID.because(Names.printable(file.path()) + ": not a regular file");
    }
    long handle = Answers.of(vfs.open(file.inode(), READ), file.path()).handle();
    try {
      long size = Answers.of(vfs.getAttributes(file.inode()), file.path()).getSize();
      new Reading(vfs, handle, file.path(), size).run(to, progress);
    } finally {
      Answers.awaitEnd(vfs.release(handle));
    }
  }

  /** Reads ahead of what is written out, a few blocks at a time. */
  private static final class Reading {

    private record Block(ByteBuffer bytes, CompletableFuture<Integer> filled) {}

    private final Vfs vfs;
    private final long handle;
    private final String path;
    private final long size;
    private final Deque<Block> underWay = new ArrayDeque<>();
    private long asked;

    Reading(Vfs vfs, long handle, String path, long size) {
      this.vfs = vfs;
      this.handle = handle;
      this.path = path;
      this.size = size;
    }

    void run(WritableByteChannel to, LongConsumer progress) throws IOException {
      Deque<ByteBuffer> free = new ArrayDeque<>();
      try {
        long written = 0;
        while (written < size) {
          ask(free);
          Block block = underWay.remove();
          int length = Answers.of(block.filled(), path);
          if (written + length < Math.min(size, written + block.bytes().capacity())) {
            throw ErrorCode.IO.because(
                Names.printable(path)
                    + (": ended after " + (written + length) + " of " + size + " bytes"));
          }
          ByteBuffer bytes = block.bytes().clear().limit(length);
          while (bytes.hasRemaining()) {
            to.write(bytes);
          }
          written += length;
          free.add(bytes);
          progress.accept(length);
        }
      } finally {
        // The buffers are the filesystem's until it has answered.
        underWay.forEach(block -> Answers.awaitEnd(block.filled()));
      }
    }

    private void ask(Deque<ByteBuffer> free) {
      while (underWay.size() < Workers.BLOCKS_UNDER_WAY && asked < size) {
        int length = (int) Math.min(Workers.BLOCK_BYTES, size - asked);
        ByteBuffer bytes = free.isEmpty() ? ByteBuffer.allocateDirect(length) : free.remove();
        bytes.clear().limit(length);
        underWay.add(new Block(bytes, vfs.read(handle, asked, bytes)));
        asked += length;
      }
    }
  }

  /** Copies a file to a path; a device or a pipe there is written to, anything else replaced. */
  public void file(Node source, Path target) {
    workers.submit(source.path(), () -> fileNow(source, target));
  }

  private void fileNow(Node source, Path target) throws IOException {
    Path real = Files.isSymbolicLink(target) && Files.exists(target) ? target.toRealPath() : target;
    if (Files.isDirectory(real)) {
      throw new IOException(
          Names.ofLocal(target) + ": is a directory, and a file does not replace one");
    }
    if (Files.exists(real) && !Files.isRegularFile(real)) {
      try (FileChannel out = FileChannel.open(real, StandardOpenOption.WRITE)) {
        content(tree.vfs(), source, out, progress);
      }
      return;
    }
    Path temporary =
        Names.local(parent(real), ByteString.copyFromUtf8(Workers.temporaryName("get")));
    try {
      try (FileChannel out =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content(tree.vfs(), source, out, progress);
      }
      LocalAttributes.set(temporary, source.attributes());
      Files.move(
          temporary, real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Copies a tree to a path; a directory that is there is merged with. */
  public void tree(Node source, Path target) throws IOException {
    if (source.isDirectory()) {
      directory(source, target);
    } else if (source.isSymlink()) {
      symlink(source, target);
    } else {
      file(source, target);
    }
  }

  private void directory(Node source, Path target) throws IOException {
    try {
      Files.createDirectory(target);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(target)) {
        throw new IOException(
            Names.ofLocal(target) + ": is there, and a directory does not replace it", e);
      }
    }
    directories.add(new Directory(target, source.attributes()));
    List<DirectoryEntry> below = new ArrayList<>();
    tree.list(source, below::add);
    for (DirectoryEntry entry : below) {
      Node next = new Node(Tree.join(source.path(), entry.name()), entry.attributes());
      workers.attempt(next.path(), () -> tree(next, Names.local(target, entry.name())));
    }
  }

  private void symlink(Node source, Path target) throws IOException {
    Path link =
        Names.localTarget(Answers.of(tree.vfs().readSymlink(source.inode()), source.path()));
    if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(
          Names.ofLocal(target) + ": is a directory, and a symbolic link does not replace one");
    }
    Path temporary =
        Names.local(parent(target), ByteString.copyFromUtf8(Workers.temporaryName("get")));
    Files.createSymbolicLink(temporary, link);
    try {
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Waits for all files, then gives the directories their permissions and times. */
  public void finish() throws CairnException {
    workers.await();
    for (int i = directories.size() - 1; i >= 0; i--) {
      Directory directory = directories.get(i);
      workers.attempt(
          Names.ofLocal(directory.path()),
          () -> LocalAttributes.set(directory.path(), directory.attributes()));
    }
  }

  private static Path parent(Path file) {
    return file.toAbsolutePath().getParent();
  }
}
