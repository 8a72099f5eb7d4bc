package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.backup.Backup;
import dev.cairn.rpc.backup.BackupWriter;
import dev.cairn.rpc.backup.Manifest;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AllocateChunksReply;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.BackupPage;
import dev.cairn.rpc.proto.BackupRequest;
import dev.cairn.rpc.proto.BackupServiceGrpc;
import dev.cairn.rpc.proto.ChunkReplica;
import dev.cairn.rpc.proto.CommitReply;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.EntryReply;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.LookupRequest;
import dev.cairn.rpc.proto.OpenSessionReply;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.ResumeDeletionsReply;
import dev.cairn.rpc.proto.ResumeDeletionsRequest;
import dev.cairn.rpc.proto.WrittenChunk;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a running master, and masters on tables that are one. */
@Timeout(60)
final class RestorationTest {

  @TempDir Path directory;

  private final ManualTime time = new ManualTime();

  private Path data() {
    return directory.resolve("data");
  }

  private static Iterator<BackupPage> pages(RunningMaster master) {
    return master
        .stub(BackupServiceGrpc::newBlockingStub)
        .backup(BackupRequest.getDefaultInstance());
  }

  private Manifest backup(RunningMaster master, Path target) throws IOException {
    try (BackupWriter writer = BackupWriter.to(target)) {
      Iterator<BackupPage> pages = pages(master);
      while (pages.hasNext()) {
        writer.take(pages.next());
      }
      return writer.manifest();
    }
  }

  private static GetStatusReply status(RunningMaster master) {
    return master.cluster.getStatus(GetStatusRequest.getDefaultInstance());
  }

  private static boolean exists(RunningMaster master, String name) {
    LookupRequest request =
        LookupRequest.newBuilder()
            .setParent(RunningMaster.ROOT)
            .setName(ByteString.copyFromUtf8(name))
            .build();
    try {
      return master.names.lookup(request).hasAttributes();
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  private static long grant(RunningMaster master, RequestContext context) {
    AllocateChunksReply reply =
        master.files.allocateChunks(
            AllocateChunksRequest.newBuilder()
                .setContext(context)
                .setCount(1)
                .setReplicas(1)
                .build());
    return reply.getGrant().getFirstChunkId();
  }

  /** A file that ends with a sealed chunk of ten bytes; answers the chunk. */
  private static long write(RunningMaster master, long inode) {
    long chunk = grant(master, master.next());
    CommitReply unused =
        master.files.commit(
            CommitRequest.newBuilder()
                .setContext(master.next())
                .setInode(inode)
                .addChunks(
                    WrittenChunk.newBuilder()
                        .setChunkId(chunk)
                        .setLength(10)
                        .setReplicas(1)
                        .setSealed(true)
                        .addServerIds(1))
                .addExtents(Extent.newBuilder().setChunkId(chunk).setLength(10))
                .build());
    return chunk;
  }

  private static boolean isLent(RunningMaster master, long inode) {
    return master
        .files
        .allocateChunks(
            AllocateChunksRequest.newBuilder()
                .setContext(master.next())
                .setCount(1)
                .setReplicas(1)
                .setExtendInode(inode)
                .build())
        .hasExtension();
  }

  private static ChunkReplica replica(long chunk) {
    return ChunkReplica.newBuilder().setChunkId(chunk).setLength(10).setSealed(true).build();
  }

  @Test
  void aRestoredMaster_knowsWhatTheBackupKnows_andTakesNothingBack() throws Exception {
    Path target = directory.resolve("backup");
    OpenSessionReply old;
    long kept;
    long chunk;
    long laterInode;
    long laterChunk;
    try (RunningMaster master = RunningMaster.start(data(), time)) {
      RegisterReply unused = master.join("uuid-1", 7001);
      old = master.session();
      kept = master.create(RunningMaster.ROOT, "kept", FileType.REGULAR);
      chunk = write(master, kept);
      Manifest manifest = backup(master, target);
      assertEquals(2, manifest.head().getInodes());
      assertEquals(1, manifest.head().getChunks());
      assertEquals("cluster-1", manifest.head().getClusterId());
      assertEquals(time.now(), manifest.head().getTaken());
      assertEquals(time.now(), status(master).getBackup().getNewestTaken());
      laterInode = master.create(RunningMaster.ROOT, "later", FileType.REGULAR);
      laterChunk = write(master, laterInode);
      assertFalse(Files.exists(data().resolve("backup-copy")));
    }
    Path restored = directory.resolve("restored");
    Backup.in(target).copyTables(restored);
    time.pass(Duration.ofMinutes(10));
    for (int start = 0; start < 2; start++) {
      try (RunningMaster master = RunningMaster.start(restored, time)) {
        String held = status(master).getDeletionsHeld();
        assertTrue(held.contains("restored from the backup of 2023-11-14"), held);
        assertFalse(Files.exists(restored.resolve("BACKUP")));
        assertTrue(exists(master, "kept"));
        assertFalse(exists(master, "later"));
        CairnException ended =
            RunningMaster.refusal(() -> grant(master, RunningMaster.context(old, 100, 100)));
        assertEquals(ErrorCode.SESSION_EXPIRED, ended.code());
        RegisterReply server = master.join("uuid-1", 7001, replica(chunk), replica(laterChunk));
        assertTrue(master.session().getSessionId() > old.getSessionId() + 1000);
        long inode = master.create(RunningMaster.ROOT, "new-" + start, FileType.REGULAR);
        assertTrue(inode > laterInode + 1000);
        assertFalse(isLent(master, kept), "servers may have more of it");
        assertTrue(write(master, inode) > laterChunk + 1000);
        assertEquals(1, status(master).getStrayChunks());
        assertNothingGoes(master, server);
        if (start == 1) {
          ResumeDeletionsReply reply =
              master.cluster.resumeDeletions(ResumeDeletionsRequest.getDefaultInstance());
          assertEquals(held, reply.getReason());
          Eventually.equals(
              List.of(laterChunk),
              () -> {
                time.pass(Duration.ofSeconds(1));
                return master.heartbeat(server, List.of()).getQuarantineChunksList();
              });
          HeartbeatReply unused = master.heartbeat(server, List.of(laterChunk));
          Eventually.equals(
              0L,
              () -> {
                time.pass(Duration.ofSeconds(1));
                HeartbeatReply beat = master.heartbeat(server, List.of());
                assertEquals(List.of(), beat.getDeleteChunksList());
                return status(master).getStrayChunks();
              });
        }
      }
    }
  }

  private void assertNothingGoes(RunningMaster master, RegisterReply server) {
    for (int beat = 0; beat < 30; beat++) {
      time.pass(Duration.ofSeconds(2));
      HeartbeatReply reply = master.heartbeat(server, List.of());
      assertEquals(List.of(), reply.getDeleteChunksList());
      assertEquals(List.of(), reply.getQuarantineChunksList());
      assertEquals(List.of(), reply.getSurplusChunksList());
    }
  }

  @Test
  void idsOfChunksThatServersReport_areNotGivenOut() throws Exception {
    long ahead = 1L << 50;
    try (RunningMaster master = RunningMaster.start(data(), time)) {
      RegisterReply unused = master.join("uuid-1", 7001, replica(ahead), replica(1L << 62));
      long granted = grant(master, master.next());
      assertTrue(granted > ahead && granted < 1L << 52, Long.toString(granted));
    }
  }

  /** Makes the tables larger than what may be under way to a client that reads nothing. */
  private static void fill(RunningMaster master) {
    Random random = new Random(1);
    byte[] target = new byte[4000];
    for (int i = 0; i < 600; i++) {
      random.nextBytes(target);
      for (int at = 0; at < target.length; at++) {
        target[at] = target[at] == 0 ? 1 : target[at];
      }
      EntryReply unused =
          master.names.create(
              CreateRequest.newBuilder()
                  .setContext(master.next())
                  .setParent(RunningMaster.ROOT)
                  .setName(ByteString.copyFromUtf8("link-" + i))
                  .setType(FileType.SYMLINK)
                  .setSymlinkTarget(ByteString.copyFrom(target))
                  .build());
    }
  }

  @Test
  void backups_areMadeOneAtATime_andOneThatIsNotReadGoes() throws Exception {
    try (RunningMaster master = RunningMaster.start(data(), time)) {
      fill(master);
      Context.CancellableContext reading = Context.current().withCancellation();
      Context before = reading.attach();
      Iterator<BackupPage> unread = pages(master);
      reading.detach(before);
      assertTrue(unread.hasNext());
      CairnException busy = RunningMaster.refusal(() -> pages(master).hasNext());
      reading.cancel(null);
      assertTrue(
          busy.code() == ErrorCode.BUSY, () -> "the first backup was over: " + busy.getMessage());
      Eventually.equals(
          true,
          () -> {
            try {
              return backup(master, directory.resolve("backup")).files().size() > 1;
            } catch (IOException | StatusRuntimeException e) {
              return false;
            }
          });
      assertFalse(Files.exists(data().resolve("backup-copy")));
    }
  }

  @Test
  void whatAKilledMasterLeft_isRemovedAtTheStart() throws Exception {
    for (String name : new String[] {"backup-copy", "backup-copy.tmp"}) {
      Files.writeString(Files.createDirectories(data().resolve(name)).resolve("left"), "left");
    }
    try (RunningMaster master = RunningMaster.start(data(), time)) {
      assertFalse(Files.exists(data().resolve("backup-copy")));
      assertFalse(Files.exists(data().resolve("backup-copy.tmp")));
      assertEquals("", status(master).getBackup().getDirectory());
    }
  }
}
