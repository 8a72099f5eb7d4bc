package dev.cairn.master.raft;

import com.google.protobuf.UnsafeByteOperations;
import dev.cairn.master.store.Checkpoint;
import dev.cairn.master.store.Store;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.CheckpointFile;
import dev.cairn.rpc.proto.OpenCheckpointReply;
import dev.cairn.rpc.proto.ReadCheckpointReply;
import dev.cairn.rpc.proto.ReadCheckpointRequest;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The copies of the tables that other masters fetch. There are few at a time: who opens one more
 * takes the place of the one that was not read for longest, so that a master that died meanwhile
 * leaves little. Safe for any thread.
 */
final class CheckpointService implements Closeable {

  /** A piece of a file, by which what is sent at a time is bounded. */
  static final int MOST_PIECE_BYTES = 1 << 20;

  private static final int MOST_OPEN = 4;

  /** Does what has to be done before a copy is made. */
  interface Preparation {
    void run() throws IOException;
  }

  private final Store store;
  private final Path directory;

  /** By their numbers, the one first that was not read for longest. */
  private final Map<Long, Checkpoint> open = new LinkedHashMap<>(MOST_OPEN * 2, 0.75f, true);

  private long last;

  CheckpointService(Store store, Path directory) throws IOException {
    this.store = store;
    this.directory = directory;
    Checkpoint.discard(directory);
  }

  synchronized OpenCheckpointReply open(Preparation preparation) throws CairnException {
    try {
      if (open.size() >= MOST_OPEN) {
        close(open.keySet().iterator().next());
      }
      preparation.run();
      Files.createDirectories(directory);
      last++;
      Checkpoint copy = store.checkpoint(directory.resolve(Long.toString(last)));
      open.put(last, copy);
      OpenCheckpointReply.Builder reply = OpenCheckpointReply.newBuilder().setCheckpoint(last);
      copy.files()
          .forEach(
              (name, length) ->
                  reply.addFiles(CheckpointFile.newBuilder().setName(name).setLength(length)));
      return reply.build();
    } catch (IOException e) {
      throw ErrorCode.IO.because("no copy of the tables can be made: " + e.getMessage(), e);
    }
  }

  synchronized ReadCheckpointReply read(ReadCheckpointRequest wanted) throws CairnException {
    Checkpoint copy = open.get(wanted.getCheckpoint());
    if (copy == null) {
      throw ErrorCode.STALE.because("this copy of the tables is gone: open another one");
    }
    try {
      byte[] piece =
          copy.read(
              wanted.getName(), wanted.getOffset(), Math.min(wanted.getLength(), MOST_PIECE_BYTES));
      return ReadCheckpointReply.newBuilder()
          .setData(UnsafeByteOperations.unsafeWrap(piece))
          .setCrc32C(crc(piece))
          .build();
    } catch (IOException e) {
      throw ErrorCode.IO.because("the copy of the tables cannot be read: " + e.getMessage(), e);
    }
  }

  static int crc(byte[] piece) {
    CRC32C crc = new CRC32C();
    crc.update(piece);
    return (int) crc.getValue();
  }

  synchronized void close(long checkpoint) throws IOException {
    Checkpoint copy = open.remove(checkpoint);
    if (copy != null) {
      copy.close();
    }
  }

  @Override
  public synchronized void close() throws IOException {
    for (long checkpoint : List.copyOf(open.keySet())) {
      close(checkpoint);
    }
  }
}
