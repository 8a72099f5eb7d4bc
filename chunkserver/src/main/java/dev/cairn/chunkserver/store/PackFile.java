package dev.cairn.chunkserver.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;

/**
 * A pack's file, which is open while it is in use or was not long ago ({@link OpenPacks}). One that
 * was written to stays open until it is forced: the system tells an error of writing it only to
 * those that had it open. The monitor guards the fields and is held while the file is opened.
 */
final class PackFile implements Storage.OpenFile {

  /** Something that is done with the open file. */
  private interface Use<T> {
    T with(Storage.OpenFile file) throws IOException;
  }

  private final Storage storage;
  private final Path path;
  private final OpenPacks packs;
  private Storage.OpenFile file;
  private int users;
  private long writes;
  private long forced;
  private boolean closed;

  /** Opens a file that is there. */
  PackFile(Storage storage, Path path, OpenPacks packs) throws IOException {
    this(storage, path, packs, storage.open(path, Storage.Mode.WRITE));
  }

  private PackFile(Storage storage, Path path, OpenPacks packs, Storage.OpenFile file) {
    this.storage = storage;
    this.path = path;
    this.packs = packs;
    this.file = file;
  }

  /** Makes an empty file. */
  static PackFile create(Storage storage, Path path, OpenPacks packs) throws IOException {
    return new PackFile(storage, path, packs, storage.open(path, Storage.Mode.CREATE));
  }

  private <T> T use(Use<T> what) throws IOException {
    Storage.OpenFile open = take();
    try {
      return what.with(open);
    } finally {
      giveBack();
    }
  }

  private synchronized Storage.OpenFile take() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (file == null) {
      file = storage.open(path, Storage.Mode.WRITE);
    }
    users++;
    return file;
  }

  private void giveBack() {
    boolean last;
    synchronized (this) {
      users--;
      last = closed;
      if (last && users == 0) {
        drop();
      }
    }
    if (!last) {
      packs.used(this);
    }
  }

  /** Closes the file until it is used again. */
  synchronized void closeIfIdle() {
    if (users == 0 && writes == forced) {
      drop();
    }
  }

  private void drop() {
    if (file != null) {
      file.close();
      file = null;
    }
  }

  @Override
  public void read(ByteBuffer into, long position) throws IOException {
    use(
        open -> {
          open.read(into, position);
          return null;
        });
  }

  @Override
  public void write(ByteBuffer from, long position) throws IOException {
    use(
        open -> {
          synchronized (this) {
            writes++;
          }
          open.write(from, position);
          return null;
        });
  }

  @Override
  public void truncate(long size) throws IOException {
    use(
        open -> {
          open.truncate(size);
          return null;
        });
  }

  @Override
  public long size() throws IOException {
    return use(Storage.OpenFile::size);
  }

  @Override
  public void force() throws IOException {
    use(
        open -> {
          long upTo;
          synchronized (this) {
            upTo = writes;
          }
          open.force();
          synchronized (this) {
            forced = Math.max(forced, upTo);
          }
          return null;
        });
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (users == 0) {
        drop();
      }
    }
    packs.forget(this);
  }
}
