package dev.cairn.chunkserver.store;

import dev.cairn.rpc.ChunkSize;
import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Makes checksums for the data file of a chunk as it is, when those it had are damaged on every
 * server that has a replica. Only a person can decide that: nobody can verify the bytes any more.
 */
public final class ChecksumRebuilding {

  private final Storage storage = new LocalStorage();
  private final Path data;
  private final Path root;
  private final long chunkId;

  /**
   * @param data DIR/chunks/XX/ID.data, in the data directory of a server that does not run
   */
  public ChecksumRebuilding(Path data) throws CairnException {
    this.data = data.toAbsolutePath().normalize();
    String name = this.data.getFileName().toString();
    boolean named = name.endsWith(ChunkFileOpening.DATA);
    chunkId = named ? ChunkName.ofHex(name.substring(0, name.length() - 5)) : 0;
    Path directory = this.data.getParent();
    Path chunks = directory == null ? null : directory.getParent();
    root = chunks == null ? null : chunks.getParent();
    if (chunkId == 0 || root == null || !storage.exists(root.resolve("identity"))) {
      throw ErrorCode.INVALID.because(
          data + " is not DIR/chunks/XX/ID.data in the data directory of a chunk server");
    }
  }

  /** Writes the checksums, and returns a sentence about it. The former ones stay beside them. */
  public String run() throws IOException {
    DirectoryLock lock = DirectoryLock.take(root);
    try (Storage.OpenFile file = storage.open(data, Storage.Mode.READ)) {
      long length = file.size();
      if (length == 0 || length > ChunkSize.MAX_BYTES) {
        throw ErrorCode.INVALID.because(data + " has " + length + " bytes, as no chunk has");
      }
      write(ChecksumLog.entries(chunkId, sums(file, length), length, true));
      new BadChunks(storage, root.resolve("bad-chunks")).forget(chunkId);
      return ChunkName.show(chunkId) + ": new checksums for " + length + " bytes";
    } finally {
      lock.close();
    }
  }

  private static BlockSums sums(Storage.OpenFile file, long length) throws IOException {
    BlockSums sums = new BlockSums();
    ByteBuffer bytes = ByteBuffer.allocate(Blocks.SIZE);
    for (int block = 0; block < Blocks.count(0, length); block++) {
      file.read(bytes.clear(), (long) block * Blocks.SIZE);
      sums.set(block, Blocks.checksum(bytes.flip()));
    }
    return sums;
  }

  private void write(ByteBuffer entries) throws IOException {
    String stem = ChunkName.hex(chunkId);
    Path log = data.resolveSibling(stem + ChunkFileOpening.SUMS);
    Path fresh = data.resolveSibling(stem + ".new");
    try (Storage.OpenFile out = storage.open(fresh, Storage.Mode.CREATE)) {
      out.write(entries, 0);
      out.force();
    }
    if (storage.exists(log)) {
      storage.replace(data.resolveSibling(stem + ".sums-before"), log);
    }
    storage.replace(log, fresh);
    storage.forceDirectory(data.getParent());
  }
}
