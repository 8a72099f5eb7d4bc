package dev.cairn.client.transfer;

import com.google.protobuf.ByteString;
import dev.cairn.client.path.Answers;
import dev.cairn.client.path.Names;
import dev.cairn.client.path.Node;
import dev.cairn.client.path.Place;
import dev.cairn.client.path.Tree;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.Caller;
import dev.cairn.client.vfs.Vfs.Created;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;

/** Copies files and trees into the cluster. */
public final class Upload {

  private static final OpenFlags WRITE = new OpenFlags(false, true, false, false);
  private static final int OWNER_ALL = 0700;

  private final Tree tree;
  private final Caller caller;
  private final Vfs readBack;
  private final Workers workers;
  private final LongConsumer progress;
  private final List<Directory> directories = new ArrayList<>();

  /** A directory that is filled, and what it is to look like then. */
  private record Directory(Node node, LocalAttributes attributes) {}

  /**
   * @param readBack another session that uploads are read back through and compared; null for none
   */
  public Upload(Tree tree, Caller caller, Vfs readBack, Workers workers, LongConsumer progress) {
    this.tree = tree;
    this.caller = caller;
    this.readBack = readBack;
    this.workers = workers;
    this.progress = progress;
  }

  /** Copies a tree to a place; a directory that is there is merged with. */
  public void tree(Path source, Place target) throws IOException {
    LocalAttributes attributes = LocalAttributes.of(source, LinkOption.NOFOLLOW_LINKS);
    switch (attributes.type()) {
      case DIRECTORY -> directory(source, attributes, target);
      case SYMLINK -> symlink(source, attributes, target);
      case REGULAR -> file(source, target);
      default ->
          throw new IOException(
              Names.ofLocal(source) + ": neither a file, a directory nor a symbolic link");
    }
  }

  private void directory(Path source, LocalAttributes attributes, Place target) throws IOException {
    if (target.present() != null && !target.present().isDirectory()) {
      throw ErrorCode.NOT_DIRECTORY.because(
          Names.printable(target.path()) + ": is there, and a directory does not replace it");
    }
    Attributes made =
        target.present() != null
            ? target.present().attributes()
            : Answers.of(
                tree.vfs()
                    .makeDirectory(
                        caller,
                        target.parent(),
                        target.name(),
                        attributes.permissions() | OWNER_ALL),
                target.path());
    into(source, attributes, new Node(target.path(), made), target.present() == null);
  }

  /** Copies what is in a local directory into one of the cluster. */
  public void into(Path source, Node target) throws IOException {
    into(source, LocalAttributes.of(source), target, false);
  }

  private void into(Path source, LocalAttributes attributes, Node target, boolean fresh)
      throws IOException {
    directories.add(new Directory(target, attributes));
    try (DirectoryStream<Path> below = Files.newDirectoryStream(source)) {
      for (Path next : below) {
        ByteString name = Names.ofFile(next);
        String path = Tree.join(target.path(), name);
        workers.attempt(path, () -> tree(next, place(target, name, path, fresh)));
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private Place place(Node directory, ByteString name, String path, boolean fresh)
      throws CairnException {
    return fresh
        ? new Place(path, directory.inode(), name, null)
        : tree.placeIn(directory, name, path);
  }

  private void symlink(Path source, LocalAttributes attributes, Place target) throws IOException {
    refuseDirectory(target);
    ByteString link = Names.ofTarget(Files.readSymbolicLink(source));
    ByteString temporary = ByteString.copyFromUtf8(Workers.temporaryName("put"));
    boolean replaces = target.present() != null;
    Attributes made =
        Answers.of(
            tree.vfs().symlink(caller, target.parent(), replaces ? temporary : target.name(), link),
            target.path());
    Answers.of(tree.vfs().setAttributes(made.getInode(), attributes.asChange()), target.path());
    if (replaces) {
      rename(target, temporary);
    }
  }

  /** Copies a local file to a place. */
  public void file(Path source, Place target) {
    workers.submit(
        target.path(),
        () -> {
          LocalAttributes attributes = LocalAttributes.of(source);
          try (FileChannel from = FileChannel.open(source, StandardOpenOption.READ)) {
            write(from, attributes.permissions(), attributes, target);
          }
        });
  }

  /** Copies what the channel has to a place. */
  public void stream(ReadableByteChannel source, int permissions, Place target) {
    workers.submit(target.path(), () -> write(source, permissions, null, target));
  }

  private void write(
      ReadableByteChannel from, int permissions, LocalAttributes attributes, Place target)
      throws IOException {
    refuseDirectory(target);
    ByteString temporary = ByteString.copyFromUtf8(Workers.temporaryName("put"));
    Created created =
        Answers.of(
            tree.vfs().create(caller, target.parent(), temporary, permissions, true, WRITE),
            target.path());
    try {
      fill(from, attributes, created, target);
      rename(target, temporary);
    } catch (IOException e) {
      Answers.awaitEnd(tree.vfs().unlink(target.parent(), temporary));
      throw e;
    }
  }

  private void fill(
      ReadableByteChannel from, LocalAttributes attributes, Created created, Place target)
      throws IOException {
    long inode = created.attributes().getInode();
    long handle = created.opened().handle();
    CRC32C checksum = new CRC32C();
    long sent;
    try {
      sent = content(from, handle, target.path(), checksum);
      Answers.of(tree.vfs().flush(handle), target.path());
    } finally {
      Answers.awaitEnd(tree.vfs().release(handle));
    }
    Attributes now =
        attributes == null
            ? Answers.of(tree.vfs().getAttributes(inode), target.path())
            : Answers.of(tree.vfs().setAttributes(inode, attributes.asChange()), target.path());
    if (now.getSize() != sent) {
      throw ErrorCode.IO.because(
          String.format(
              "%s: has %d bytes after %d were written",
              Names.printable(target.path()), now.getSize(), sent));
    }
    if (readBack != null) {
      compare(new Node(target.path(), now), checksum.getValue());
    }
  }

  /** Writes all the channel has, reading on while the last few blocks are under way. */
  private long content(ReadableByteChannel from, long handle, String path, CRC32C checksum)
      throws IOException {
    ByteBuffer[] blocks = new ByteBuffer[Workers.BLOCKS_UNDER_WAY];
    List<CompletableFuture<Integer>> written = new ArrayList<>(blocks.length);
    long offset = 0;
    try {
      for (int slot = 0; ; slot = (slot + 1) % blocks.length) {
        if (written.size() == blocks.length) {
          Answers.of(written.get(slot), path);
        } else {
          blocks[slot] = ByteBuffer.allocateDirect(Workers.BLOCK_BYTES);
        }
        int length = readFully(from, blocks[slot].clear());
        if (length == 0) {
          break;
        }
        if (readBack != null) {
          checksum.update(blocks[slot].duplicate());
        }
        CompletableFuture<Integer> block = tree.vfs().write(handle, offset, blocks[slot], false);
        if (written.size() == blocks.length) {
          written.set(slot, block);
        } else {
          written.add(block);
        }
        offset += length;
        progress.accept(length);
      }
    } finally {
      // The buffers are the filesystem's until it has answered.
      written.forEach(Answers::awaitEnd);
    }
    for (CompletableFuture<Integer> block : written) {
      Answers.of(block, path);
    }
    return offset;
  }

  private static int readFully(ReadableByteChannel from, ByteBuffer into) throws IOException {
    while (into.hasRemaining() && from.read(into) >= 0) {}
    return into.flip().remaining();
  }

  private void compare(Node file, long expected) throws IOException {
    ChecksumChannel read = new ChecksumChannel();
    Download.content(readBack, file, read, bytes -> {});
    if (read.checksum() != expected) {
      throw ErrorCode.CORRUPT.because(
          String.format(
              "%s: read back with CRC32C %08x, but written with %08x",
              Names.printable(file.path()), read.checksum(), expected));
    }
  }

  private void rename(Place target, ByteString temporary) throws CairnException {
    Answers.of(
        tree.vfs().rename(target.parent(), temporary, target.parent(), target.name(), false, false),
        target.path());
  }

  private static void refuseDirectory(Place target) throws CairnException {
    if (target.present() != null && target.present().isDirectory()) {
      throw ErrorCode.IS_DIRECTORY.because(
          Names.printable(target.path()) + ": is a directory, and a file does not replace one");
    }
  }

  /** Waits for all files, then gives the directories their permissions and times. */
  public void finish() throws CairnException {
    workers.await();
    for (int i = directories.size() - 1; i >= 0; i--) {
      Directory directory = directories.get(i);
      workers.attempt(
          directory.node().path(),
          () ->
              Answers.of(
                  tree.vfs()
                      .setAttributes(directory.node().inode(), directory.attributes().asChange())));
    }
  }

  /** The kind of what a local path is, for the choice of how to copy it. */
  public static boolean isDirectory(Path source) throws IOException {
    return LocalAttributes.of(source).type() == FileType.DIRECTORY;
  }
}
