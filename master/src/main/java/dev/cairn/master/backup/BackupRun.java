package dev.cairn.master.backup;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.BackupMark;
import dev.cairn.master.store.Checkpoint;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Store;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.backup.Sha256;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.BackupFile;
import dev.cairn.rpc.proto.BackupHead;
import dev.cairn.rpc.proto.BackupPage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** One backup, on the thread that runs it. */
final class BackupRun {

  private static final int PIECE_BYTES = 256 << 10;

  /** Whoever takes less a second, after a first minute, is cut off. */
  private static final long LEAST_BYTES_PER_SECOND = 256 << 10;

  private static final long FIRST_SECONDS = 60;

  private final Store store;
  private final Path checkpoint;
  private final BackupHead.Builder head;
  private final Time time;
  private final BackupPages pages;
  private long sent;
  private long beganTicks;

  /**
   * Makes one.
   *
   * @param checkpoint where the copy of the tables lies meanwhile
   * @param head what is known of the backup before it is made
   */
  BackupRun(Store store, Path checkpoint, BackupHead head, Time time, BackupPages pages) {
    this.store = store;
    this.checkpoint = checkpoint;
    this.head = head.toBuilder();
    this.time = time;
    this.pages = pages;
  }

  /** Makes and sends the backup; answers when it was made, in nanoseconds since 1970. */
  long run() throws IOException {
    beganTicks = time.ticks();
    // Before the copy is made: what becomes garbage later is no garbage in it.
    long taken = time.now();
    MetadataView view = new MetadataView(store);
    head.setTaken(taken)
        .setClusterId(view.text(Meta.CLUSTER_ID))
        .setSequence(store.sequence())
        .setInodes(view.number(Meta.INODE_COUNT))
        .setChunks(view.number(Meta.CHUNK_COUNT));
    try (Checkpoint copy = store.checkpoint(checkpoint)) {
      BackupMark.write(copy.directory(), taken);
      send(Checkpoint.in(copy.directory()));
    }
    return taken;
  }

  private void send(Checkpoint copy) throws IOException {
    head.setFiles(copy.files().size())
        .setBytes(copy.files().values().stream().mapToLong(Long::longValue).sum());
    take(BackupPage.newBuilder().setHead(head));
    for (Map.Entry<String, Long> file : copy.files().entrySet()) {
      send(copy, file.getKey(), file.getValue());
    }
    take(BackupPage.newBuilder().setEnd(true));
  }

  private void send(Checkpoint copy, String name, long bytes) throws IOException {
    BackupPage.Builder page =
        BackupPage.newBuilder().setBegin(BackupFile.newBuilder().setName(name).setBytes(bytes));
    Sha256 digest = new Sha256();
    long offset = 0;
    while (offset < bytes) {
      byte[] piece = copy.read(name, offset, PIECE_BYTES);
      digest.add(piece);
      offset += piece.length;
      take(page.setPiece(UnsafeByteOperations.unsafeWrap(piece)));
      page = BackupPage.newBuilder();
    }
    take(page.setSha256(ByteString.copyFrom(digest.bytes())));
  }

  private void take(BackupPage.Builder page) throws IOException {
    sent += page.getPiece().size();
    pages.take(page.build());
    Duration allowed = Duration.ofSeconds(FIRST_SECONDS + sent / LEAST_BYTES_PER_SECOND);
    if (time.ticks() - beganTicks > allowed.toNanos()) {
      throw ErrorCode.TIMED_OUT.because(
          "the backup ends: only %d bytes of it were read in %d seconds"
              .formatted(sent, allowed.toSeconds()));
    }
  }
}
