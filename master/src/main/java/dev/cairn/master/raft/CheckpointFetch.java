package dev.cairn.master.raft;

import dev.cairn.master.store.Checkpoint;
import dev.cairn.rpc.DurableFile;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.CheckpointFile;
import dev.cairn.rpc.proto.CloseCheckpointReply;
import dev.cairn.rpc.proto.CloseCheckpointRequest;
import dev.cairn.rpc.proto.MastersServiceGrpc;
import dev.cairn.rpc.proto.MastersServiceGrpc.MastersServiceBlockingStub;
import dev.cairn.rpc.proto.OpenCheckpointReply;
import dev.cairn.rpc.proto.OpenCheckpointRequest;
import dev.cairn.rpc.proto.ReadCheckpointReply;
import dev.cairn.rpc.proto.ReadCheckpointRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gets a copy of another master's tables, one piece at a time, and checks each. */
public final class CheckpointFetch {

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFetch.class);
  private static final long CALL_SECONDS = 20;

  private final HostPort from;
  private final String cluster;

  public CheckpointFetch(HostPort from, String cluster) {
    this.from = from;
    this.cluster = cluster;
  }

  /**
   * Fetches the tables.
   *
   * @param unfinished the directory they are collected in, which is made anew
   * @param whole what it is renamed to when all of it is on the disk
   */
  public void into(Path unfinished, Path whole) throws IOException {
    Checkpoint.discard(unfinished);
    Checkpoint.discard(whole);
    DurableFile.createDirectories(unfinished);
    ManagedChannel channel = ControlPlane.channel(from);
    try {
      MastersServiceBlockingStub master = MastersServiceGrpc.newBlockingStub(channel);
      OpenCheckpointReply checkpoint =
          within(master)
              .openCheckpoint(OpenCheckpointRequest.newBuilder().setClusterId(cluster).build());
      long bytes = 0;
      for (CheckpointFile file : checkpoint.getFilesList()) {
        fetch(master, checkpoint.getCheckpoint(), file, unfinished);
        bytes += file.getLength();
      }
      CloseCheckpointReply unused =
          within(master)
              .closeCheckpoint(
                  CloseCheckpointRequest.newBuilder()
                      .setCheckpoint(checkpoint.getCheckpoint())
                      .build());
      LOG.info("{} bytes of tables are fetched from the master at {}", bytes, from);
    } catch (StatusRuntimeException e) {
      throw GrpcErrors.fromThrowable(e, "the master at " + from);
    } finally {
      channel.shutdownNow();
    }
    DurableFile.syncDirectory(unfinished);
    Files.move(unfinished, whole, StandardCopyOption.ATOMIC_MOVE);
    DurableFile.syncDirectory(whole.toAbsolutePath().getParent());
  }

  private static MastersServiceBlockingStub within(MastersServiceBlockingStub master) {
    return master.withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
  }

  private void fetch(
      MastersServiceBlockingStub master, long checkpoint, CheckpointFile file, Path into)
      throws IOException {
    Path target = into.resolve(file.getName()).normalize();
    if (!into.equals(target.getParent())) {
      throw new IOException("the master at " + from + " names a file " + file.getName());
    }
    try (FileChannel channel =
        FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long offset = 0;
      while (offset < file.getLength()) {
        ReadCheckpointReply piece =
            within(master)
                .readCheckpoint(
                    ReadCheckpointRequest.newBuilder()
                        .setCheckpoint(checkpoint)
                        .setName(file.getName())
                        .setOffset(offset)
                        .setLength(CheckpointService.MOST_PIECE_BYTES)
                        .build());
        offset += write(channel, piece, file.getName());
      }
      channel.force(true);
    }
  }

  private int write(FileChannel channel, ReadCheckpointReply piece, String name)
      throws IOException {
    byte[] bytes = piece.getData().toByteArray();
    if (bytes.length == 0 || CheckpointService.crc(bytes) != piece.getCrc32C()) {
      throw new IOException("a piece of " + name + " from the master at " + from + " is damaged");
    }
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      channel.write(left);
    }
    return bytes.length;
  }
}
