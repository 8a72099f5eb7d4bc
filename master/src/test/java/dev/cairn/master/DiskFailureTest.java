package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.store.StoreSettings;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.EntryReply;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.ForceReply;
import dev.cairn.rpc.proto.ForceRequest;
import dev.cairn.rpc.proto.GetStatusRequest;
import dev.cairn.rpc.proto.LookupRequest;
import dev.cairn.rpc.proto.RegisterReply;
import dev.cairn.rpc.proto.RemoveRequest;
import dev.cairn.rpc.proto.SetXattrRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A master whose disk is full, or fails. */
@Timeout(120)
final class DiskFailureTest {

  @TempDir Path data;

  private FailingStore store;

  private RunningMaster start() {
    return RunningMaster.start(
        data,
        Time.system(),
        tables -> {
          store = new FailingStore(tables);
          return store;
        });
  }

  private static long create(RunningMaster master, String name) {
    return master.create(RunningMaster.ROOT, name, FileType.REGULAR);
  }

  private static EntryReply lookup(RunningMaster master, String name) {
    return master.names.lookup(
        LookupRequest.newBuilder()
            .setParent(RunningMaster.ROOT)
            .setName(ByteString.copyFromUtf8(name))
            .build());
  }

  private static ForceReply force(RunningMaster master) {
    return master.files.force(
        ForceRequest.newBuilder()
            .setSessionId(master.session().getSessionId())
            .setEpoch(master.session().getEpoch())
            .build());
  }

  private static String failure(RunningMaster master) {
    return master.cluster.getStatus(GetStatusRequest.getDefaultInstance()).getStorageFailure();
  }

  private static ErrorCode refusal(Supplier<?> call) {
    return RunningMaster.refusal(call).code();
  }

  /** Waits until the disk takes changes again, and calls. */
  private <T> T granted(Supplier<T> call) {
    Eventually.equals("", store::failure);
    return call.get();
  }

  @Test
  void aChangeThatTheDiskDoesNotTake_isRefusedAndReadsGoOn() {
    try (RunningMaster master = start()) {
      RegisterReply server = master.register("uuid-1", 7001);
      long kept = create(master, "kept");
      store.become(FailingStore.Disk.FULL);
      assertEquals(ErrorCode.NO_SPACE, refusal(() -> create(master, "lost")));
      assertEquals(ErrorCode.NO_SPACE, refusal(() -> create(master, "lost too")));
      assertEquals(ErrorCode.NO_SPACE, refusal(() -> force(master)));
      assertEquals(kept, lookup(master, "kept").getAttributes().getInode());
      assertFalse(master.heartbeat(server, List.of()).getRegisterAgain());
      assertTrue(failure(master).contains("FULL"), failure(master));

      store.become(FailingStore.Disk.WORKS);
      long after = granted(() -> create(master, "after"));
      assertEquals(after, lookup(master, "after").getAttributes().getInode());
      assertEquals(ErrorCode.NO_ENTRY, refusal(() -> lookup(master, "lost")));
      assertTrue(force(master).isInitialized());
      assertEquals("", failure(master));
      assertNull(master.fatal.get());
    }
  }

  @Test
  void aSyncThatFails_isRefusedAndNothingIsGrantedBehindIt() {
    try (RunningMaster master = start()) {
      create(master, "kept");
      store.become(FailingStore.Disk.FAILS_TO_SYNC);
      assertEquals(ErrorCode.IO, refusal(() -> force(master)));
      assertEquals(ErrorCode.IO, refusal(() -> create(master, "lost")));
      store.become(FailingStore.Disk.WORKS);
      assertTrue(granted(() -> force(master)).isInitialized());
      assertTrue(create(master, "after") > 0);
      assertNull(master.fatal.get());
    }
  }

  @Test
  void aFullDiskOfAMaster_worksAgainWhenThereIsRoom() throws Exception {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "mounts a tmpfs");
    run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", data.toString());
    try {
      Path filler = data.resolve("filler");
      Path tables = Files.createDirectory(data.resolve("m"));
      try (RunningMaster master = RunningMaster.start(tables, Time.system())) {
        long file = create(master, "first");
        int attributes = 0;
        // RocksDB has room for its log beforehand: it is used up, and all that comes free is taken.
        while (failure(master).isEmpty() && attributes < 2000) {
          fill(filler);
          attributes += setAttribute(master, file, attributes) ? 1 : 0;
        }
        assertEquals(ErrorCode.NO_SPACE, refusal(() -> create(master, "refused")));
        assertTrue(lookup(master, "first").hasAttributes());
        Files.delete(filler);
        Eventually.equals("", () -> failure(master));
        create(master, "after");
        assertTrue(force(master).isInitialized());
        assertNull(master.fatal.get());
      }
      try (RunningMaster master = RunningMaster.start(tables, Time.system())) {
        assertTrue(lookup(master, "after").hasAttributes());
        assertEquals(ErrorCode.NO_ENTRY, refusal(() -> lookup(master, "refused")));
      }
    } finally {
      run("umount", "-l", data.toString());
    }
  }

  @Test
  void aFullDiskOfAMaster_acceptsDeletionsOutOfItsReserve() throws Exception {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "mounts a tmpfs");
    run("mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", data.toString());
    StoreSettings settings = new StoreSettings(StoreSettings.LEAST_CACHE_BYTES, false, 32 << 20);
    try {
      Path filler = data.resolve("filler");
      Path tables = Files.createDirectory(data.resolve("m"));
      try (RunningMaster master = RunningMaster.start(tables, Time.system(), settings)) {
        long file = create(master, "one");
        create(master, "two");
        create(master, "three");
        fill(filler);
        int attributes = 0;
        while (failure(master).isEmpty() && attributes < 2000) {
          attributes += setAttribute(master, file, attributes) ? 1 : 0;
        }
        Eventually.equals(true, () -> failure(master).contains("only deletions are accepted"));
        remove(master, "one");
        assertEquals(ErrorCode.NO_SPACE, refusal(() -> create(master, "refused")));
        assertTrue(force(master).isInitialized());
        assertNull(master.fatal.get());
      }
      try (RunningMaster master = RunningMaster.start(tables, Time.system(), settings)) {
        assertEquals(ErrorCode.NO_ENTRY, refusal(() -> lookup(master, "one")));
        assertEquals(ErrorCode.NO_SPACE, refusal(() -> create(master, "refused")));
        remove(master, "two");
        Files.delete(filler);
        Eventually.equals("", () -> failure(master));
        create(master, "after");
        assertEquals(32 << 20, Files.size(tables.resolve("reserve")));
        assertNull(master.fatal.get());
      }
    } finally {
      run("umount", "-l", data.toString());
    }
  }

  private static void remove(RunningMaster master, String name) {
    RemoveRequest request =
        RemoveRequest.newBuilder()
            .setContext(master.next())
            .setParent(RunningMaster.ROOT)
            .setName(ByteString.copyFromUtf8(name))
            .build();
    assertTrue(master.names.remove(request).isInitialized());
  }

  /** Sets a large extended attribute; false when that is refused. */
  private static boolean setAttribute(RunningMaster master, long inode, int number) {
    byte[] value = new byte[60_000];
    new Random(number).nextBytes(value);
    SetXattrRequest request =
        SetXattrRequest.newBuilder()
            .setContext(master.next())
            .setInode(inode)
            .setName(ByteString.copyFromUtf8("user.a" + number % 10))
            .setValue(ByteString.copyFrom(value))
            .build();
    try {
      return master.names.setXattr(request).isInitialized();
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  private static void fill(Path file) throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out =
        Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertTrue(Files.size(file) > 0, e.getMessage());
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }
}
