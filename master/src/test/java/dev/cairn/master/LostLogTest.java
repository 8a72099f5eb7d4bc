package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.proto.ChunkReplica;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.ResumeDeletionsRequest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A master that has lost changes that had been synced. */
@Timeout(60)
final class LostLogTest {

  private static final long STRAY = 1L << 20;

  @TempDir Path data;

  private final ManualTime time = new ManualTime();

  /** Empties the log's last file: all that the last master did is gone, and that it started. */
  private void loseTheLastRun() throws IOException {
    try (Stream<Path> files = Files.list(data)) {
      Path last = files.filter(f -> f.toString().endsWith(".log")).max(Path::compareTo).get();
      try (FileChannel channel = FileChannel.open(last, StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
    }
  }

  private static String held(RunningMaster master) {
    return master.cluster.getStatus(GetStatusRequest.getDefaultInstance()).getDeletionsHeld();
  }

  private static String resume(RunningMaster master) {
    return master.cluster.resumeDeletions(ResumeDeletionsRequest.getDefaultInstance()).getReason();
  }

  @Test
  void afterALoss_nothingIsDeletedUntilAnOperatorSaysSo() throws Exception {
    try (RunningMaster master = RunningMaster.start(data, time)) {
      assertEquals("", held(master));
      assertEquals("", resume(master));
    }
    try (RunningMaster master = RunningMaster.start(data, time)) {
      master.create(RunningMaster.ROOT, "lost", FileType.REGULAR);
    }
    loseTheLastRun();
    for (int start = 0; start < 2; start++) {
      try (RunningMaster master = RunningMaster.start(data, time)) {
        assertTrue(held(master).contains("the end of the master's log is missing"), held(master));
        ChunkReplica stray =
            ChunkReplica.newBuilder().setChunkId(STRAY).setLength(10).setSealed(true).build();
        RegisterReply server = master.join("uuid-1", 7001, stray);
        time.pass(Duration.ofMinutes(1));
        for (int beat = 0; beat < 10; beat++) {
          HeartbeatReply reply = master.heartbeat(server, List.of());
          assertEquals(List.of(), reply.getDeleteChunksList());
          assertEquals(List.of(), reply.getQuarantineChunksList());
          time.pass(Duration.ofSeconds(1));
        }
        if (start == 1) {
          assertTrue(!resume(master).isEmpty());
          assertEquals("", held(master));
          Eventually.equals(
              List.of(STRAY),
              () -> {
                time.pass(Duration.ofSeconds(1));
                return master.heartbeat(server, List.of()).getQuarantineChunksList();
              });
        }
      }
    }
  }

  @Test
  void afterALoss_noIdIsGivenOutAgain() throws Exception {
    RunningMaster.start(data, time).close();
    long lost;
    try (RunningMaster master = RunningMaster.start(data, time)) {
      lost = master.create(RunningMaster.ROOT, "lost", FileType.REGULAR);
    }
    loseTheLastRun();
    try (RunningMaster master = RunningMaster.start(data, time)) {
      long inode = master.create(RunningMaster.ROOT, "new", FileType.REGULAR);
      assertTrue(inode > lost, inode + " was given out before");
    }
  }
}
