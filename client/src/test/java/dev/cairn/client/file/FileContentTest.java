package dev.cairn.client.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.file.Source.Buffered;
import dev.cairn.client.file.Source.Stored;
import dev.cairn.rpc.proto.ChunkLocation;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.ExtentMap;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileContentTest {

  private static final int FILE_BYTES = 300;

  @Test
  void whatIsNotKnown_isAskedFor_andThenNotAgain() {
    FileContent content = new FileContent(new ExtentBudget(1 << 20, Runnable::run).share(() -> {}));
    assertEquals(5, content.firstUnknown(5, 10));
    content.learn(0, ExtentMap.newBuilder().setCompleteTo(7).build());
    assertEquals(7, content.firstUnknown(5, 10));
    content.learn(7, ExtentMap.newBuilder().setCompleteTo(-1).build());
    assertEquals(-1, content.firstUnknown(5, 10));
  }

  @Test
  void lostChunk_isRememberedUntilTheMasterIsAskedAgain() {
    FileContent content = new FileContent(new ExtentBudget(1 << 20, Runnable::run).share(() -> {}));
    ChunkLocation lost = ChunkLocation.newBuilder().setChunkId(7).setLost(true).build();
    ChunkLocation there = ChunkLocation.newBuilder().setChunkId(8).addServerIds(1).build();
    Extent first = Extent.newBuilder().setLength(5).setChunkId(7).build();
    content.learn(
        0,
        ExtentMap.newBuilder()
            .addExtents(first)
            .addExtents(first.toBuilder().setFileOffset(5).setChunkId(8))
            .addLocations(lost)
            .addLocations(there)
            .setCompleteTo(-1)
            .build());
    assertTrue(content.parts(0, 5).get(0).place().lost());
    assertEquals(new ChunkPlace(List.of(1), false), content.parts(5, 10).get(0).place());
    content.forgetBase();
    assertEquals(0, content.firstUnknown(0, 5));
  }

  /** Bytes written are the same to a reader while they are buffered, acknowledged and committed. */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15})
  void randomWrites_readTheSameInEveryState(long seed) {
    new Run(seed).go();
  }

  /** Plays writer, chunk servers and master for one file. */
  private static final class Run {
    private final long seed;
    private final Random random;
    private final FileContent content =
        new FileContent(new ExtentBudget(1 << 20, Runnable::run).share(() -> {}));
    private final byte[] model = new byte[FILE_BYTES];
    private final Map<Long, byte[]> chunks = new HashMap<>();
    private final Deque<Arena> queued = new ArrayDeque<>();
    private final Deque<List<Extent>> acknowledged = new ArrayDeque<>();
    private Arena open = new Arena(ByteBuffer.allocate(64));
    private long lastChunk;

    Run(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      content.isEmpty();
    }

    void go() {
      for (int step = 0; step < 3000; step++) {
        switch (random.nextInt(5)) {
          case 0, 1, 2 -> write();
          case 3 -> acknowledgeOldest();
          default -> commitOldest();
        }
        assertArrayEquals(model, read(), "seed " + seed + " step " + step);
      }
      queue();
      while (!queued.isEmpty()) {
        acknowledgeOldest();
      }
      while (!acknowledged.isEmpty()) {
        commitOldest();
      }
      assertFalse(content.hasUncommitted(), "seed " + seed);
      assertArrayEquals(model, read(), "seed " + seed);
    }

    private void write() {
      int offset = random.nextInt(FILE_BYTES - 1);
      byte[] bytes = new byte[1 + random.nextInt(Math.min(40, FILE_BYTES - offset))];
      random.nextBytes(bytes);
      System.arraycopy(bytes, 0, model, offset, bytes.length);
      ByteBuffer from = ByteBuffer.wrap(bytes);
      while (from.hasRemaining()) {
        int at = offset + from.position();
        Buffered place = content.replaceable(at, from.remaining(), open);
        if (place != null) {
          open.overwrite(place.position(), from);
        } else {
          content.wrote(open, open.append(at, from));
        }
        if (open.isFull()) {
          queue();
        }
      }
    }

    private void queue() {
      queued.add(open);
      open = new Arena(ByteBuffer.allocate(64));
    }

    private void acknowledgeOldest() {
      Arena arena = queued.poll();
      if (arena == null) {
        return;
      }
      long chunkId = ++lastChunk;
      byte[] stored = new byte[arena.length()];
      arena.bytes(0, arena.length()).get(stored);
      chunks.put(chunkId, stored);
      List<Extent> extents = new ArrayList<>();
      for (Arena.Write write : arena.writes()) {
        extents.add(
            Extent.newBuilder()
                .setFileOffset(write.fileOffset())
                .setLength(write.length())
                .setChunkId(chunkId)
                .setChunkOffset(write.position())
                .build());
      }
      content.acknowledged(arena, extents);
      acknowledged.add(extents);
    }

    private void commitOldest() {
      List<Extent> extents = acknowledged.poll();
      if (extents != null) {
        content.committed(extents);
      }
    }

    private byte[] read() {
      byte[] bytes = new byte[FILE_BYTES];
      for (FileContent.Part part : content.parts(0, FILE_BYTES)) {
        int at = (int) part.offset();
        int length = (int) part.length();
        if (part.source() instanceof Buffered buffered) {
          ByteBuffer into = ByteBuffer.wrap(bytes, at, length);
          buffered.arena().copyTo(buffered.position(), into);
        } else if (part.source() instanceof Stored stored) {
          byte[] chunk = chunks.get(stored.chunkId());
          System.arraycopy(chunk, (int) stored.chunkOffset(), bytes, at, length);
        }
      }
      return bytes;
    }
  }
}
