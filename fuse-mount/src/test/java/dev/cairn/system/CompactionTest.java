package dev.cairn.system;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.client.ClientSettings;
import dev.cairn.client.ClusterVfs;
import dev.cairn.client.cluster.CheckClient;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.Caller;
import dev.cairn.client.vfs.Vfs.OpenFlags;
import dev.cairn.master.compact.CompactionSettings;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.CheckRequest;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.FileServiceGrpc;
import dev.cairn.rpc.proto.FileServiceGrpc.FileServiceBlockingStub;
import dev.cairn.rpc.proto.Finding;
import dev.cairn.rpc.proto.GetExtentsRequest;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that were overwritten at random are made whole again, and their room comes back. */
@Timeout(180)
final class CompactionTest {

  private static final int FILE_BYTES = 6 << 20;

  /** Some of 4 KiB stay between long ones: joining these would cost more than it brings. */
  private static final int FEW_EXTENTS = 150;

  private static final Caller CALLER = new Caller(0, 0, 1);
  private static final OpenFlags WRITING = new OpenFlags(true, true, false, false);
  private static final OpenFlags READING = new OpenFlags(true, false, false, false);

  @TempDir Path scratch;
  private final Random random = new Random(17);
  private final byte[] content = new byte[FILE_BYTES];
  private InProcessCluster cluster;
  private ManagedChannel channel;
  private FileServiceBlockingStub extents;
  private Vfs files;
  private long inode;
  private long handle;

  @BeforeEach
  void startCluster() throws Exception {
    cluster =
        new InProcessCluster(
            InProcessCluster.settings(
                scratch.resolve("master"),
                2 << 20,
                Duration.ofSeconds(3),
                new CompactionSettings(Duration.ofMillis(700), 50, 64 << 10)));
    for (int i = 1; i <= 3; i++) {
      cluster.start(InProcessCluster.ANY_PORT, scratch.resolve("chunkserver-" + i));
    }
    channel = ControlPlane.channel(cluster.master().first());
    extents = FileServiceGrpc.newBlockingStub(channel);
    files = ClusterVfs.connect(cluster.master(), "test", ClientSettings.forMount());
    Vfs.Created created =
        done(files.create(CALLER, Vfs.ROOT, ByteString.copyFromUtf8("f"), 0644, true, WRITING));
    inode = created.attributes().getInode();
    handle = created.opened().handle();
    random.nextBytes(content);
    write(0, FILE_BYTES);
  }

  @AfterEach
  void stopCluster() throws Exception {
    files.close();
    channel.shutdownNow();
    cluster.end();
  }

  private static <T> T done(CompletableFuture<T> operation) throws Exception {
    return operation.get(30, TimeUnit.SECONDS);
  }

  private void write(int offset, int length) throws Exception {
    for (int at = offset; at < offset + length; at += 1 << 20) {
      int piece = Math.min(1 << 20, offset + length - at);
      done(files.write(handle, at, ByteBuffer.wrap(content, at, piece), false));
    }
    done(files.flush(handle));
  }

  /** Overwrites blocks of 4 KiB here and there, in several flushes. */
  private void overwrite(int flushes, int blocksPerFlush) throws Exception {
    byte[] block = new byte[4096];
    for (int flush = 0; flush < flushes; flush++) {
      for (int i = 0; i < blocksPerFlush; i++) {
        random.nextBytes(block);
        int offset = random.nextInt(FILE_BYTES / 4096) * 4096;
        System.arraycopy(block, 0, content, offset, block.length);
        done(files.write(handle, offset, ByteBuffer.wrap(block), false));
      }
      done(files.flush(handle));
    }
  }

  private byte[] read(Vfs through, long from) throws Exception {
    byte[] bytes = new byte[FILE_BYTES];
    for (int at = 0; at < FILE_BYTES; ) {
      ByteBuffer into = ByteBuffer.allocateDirect(Math.min(1 << 20, FILE_BYTES - at));
      int length = done(through.read(from, at, into));
      assertTrue(length > 0, "the file ends at " + at);
      into.flip().get(bytes, at, length);
      at += length;
    }
    return bytes;
  }

  private List<Extent> extents() {
    return extents
        .getExtents(GetExtentsRequest.newBuilder().setInode(inode).build())
        .getMap()
        .getExtentsList();
  }

  /** How many extents there are of each chunk, and how long these are. */
  private Map<Long, String> bySize() {
    Map<Long, LongSummaryStatistics> chunks = new TreeMap<>();
    for (Extent extent : extents()) {
      chunks
          .computeIfAbsent(extent.getChunkId(), chunk -> new LongSummaryStatistics())
          .accept(extent.getLength());
    }
    Map<Long, String> shown = new TreeMap<>();
    chunks.forEach(
        (chunk, sizes) ->
            shown.put(chunk, sizes.getCount() + " of " + (long) sizes.getAverage() + " bytes"));
    return shown;
  }

  private long bytesOnDisks() throws IOException {
    long sum = 0;
    for (int i = 1; i <= 3; i++) {
      try (Stream<Path> all = Files.walk(scratch.resolve("chunkserver-" + i))) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          sum += Files.exists(file) ? Files.size(file) : 0;
        }
      }
    }
    return sum;
  }

  private void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.call()) {
      assertTrue(System.nanoTime() < end, () -> what + ": " + bySize());
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
  }

  private void checkMetadata() throws IOException {
    List<Finding> found = new ArrayList<>();
    try (CheckClient client = new CheckClient(cluster.master())) {
      client.check(CheckRequest.getDefaultInstance(), page -> found.addAll(page.getFindingsList()));
    }
    assertEquals(List.of(), found);
  }

  @Test
  void randomlyOverwrittenFile_getsFewExtents_andItsRoomBack_andReadersGoOn() throws Exception {
    overwrite(8, 300);
    done(files.release(handle));
    assertTrue(extents().size() > 500, "extents: " + extents().size());
    Attributes before = done(files.getAttributes(inode));
    try (Vfs reader = ClusterVfs.connect(cluster.master(), "r", ClientSettings.forMount())) {
      // It knows the old extents, and asks nobody for others while it has the file open.
      long reading = done(reader.open(inode, READING)).handle();
      assertArrayEquals(content, read(reader, reading));
      await("many extents stay", () -> extents().size() <= FEW_EXTENTS);
      await("room does not come back", () -> bytesOnDisks() < 2.6 * FILE_BYTES);
      assertArrayEquals(content, read(reader, reading));
      done(reader.release(reading));
    }
    try (Vfs fresh = ClusterVfs.connect(cluster.master(), "n", ClientSettings.forMount())) {
      assertEquals(before, done(fresh.getAttributes(inode)));
      long reading = done(fresh.open(inode, READING)).handle();
      assertArrayEquals(content, read(fresh, reading));
      done(fresh.release(reading));
    }
    checkMetadata();
  }

  @Test
  void writerThatPausesAgainAndAgain_losesNothing() throws Exception {
    for (int round = 0; round < 12; round++) {
      overwrite(2, 100);
      // About as long as a file has to be left alone: builds begin, and meet the next round.
      LockSupport.parkNanos(Duration.ofMillis(600 + random.nextInt(1500)).toNanos());
    }
    // Of what this writer wrote, most was written into other chunks since, and is gone.
    done(files.fsync(handle));
    assertArrayEquals(content, read(files, handle));
    done(files.release(handle));
    await("many extents stay", () -> extents().size() <= FEW_EXTENTS);
    try (Vfs fresh = ClusterVfs.connect(cluster.master(), "n", ClientSettings.forMount())) {
      long reading = done(fresh.open(inode, READING)).handle();
      assertArrayEquals(content, read(fresh, reading));
      done(fresh.release(reading));
    }
    checkMetadata();
  }
}
