package dev.cairn.client.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.cairn.client.file.Source.Buffered;
import dev.cairn.client.file.Source.Stored;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.ExtentMap;
import dev.cairn.rpc.proto.WrittenChunk;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a writer sees of a file that it and others append to. */
class AppendedContentTest {

  private static final int ARENA_BYTES = 64;

  @Test
  void appendsAndOtherWrites_areCommittedInTheirOrder_butNotTogether() {
    PendingCommit pending = new PendingCommit();
    pending.add(List.of(extent(0, 10, 1)), List.of(chunk(1, 10)), false);
    pending.add(List.of(extent(500, 10, 1), extent(510, 5, 2)), List.of(chunk(1, 20)), true);
    pending.add(List.of(extent(515, 7, 2)), List.of(chunk(2, 12)), true);
    pending.add(List.of(extent(3, 1, 2)), List.of(chunk(2, 13)), false);
    PendingCommit.Batch first = pending.take();
    assertFalse(first.append());
    assertEquals(10, first.end());
    PendingCommit.Batch second = pending.take();
    assertEquals(List.of(extent(0, 10, 1), extent(10, 5, 2), extent(15, 7, 2)), second.placed());
    assertEquals(22, second.end());
    assertEquals(List.of(extent(3, 1, 2)), pending.take().placed());
    assertEquals(0, pending.size());
  }

  @Test
  void groupsOfExtents_areNeverTornApart() {
    PendingCommit pending = new PendingCommit();
    for (int group = 0; group < 3; group++) {
      List<Extent> extents = new ArrayList<>();
      for (int i = 0; i < PendingCommit.MOST_EXTENTS / 2 + 1; i++) {
        extents.add(extent(i, 1, 1));
      }
      pending.add(extents, List.of(), true);
    }
    assertEquals(PendingCommit.MOST_EXTENTS / 2 + 1, pending.take().extents().size());
    assertEquals(2 * (PendingCommit.MOST_EXTENTS / 2 + 1), pending.size());
  }

  private static Extent extent(long offset, long length, long chunk) {
    return Extent.newBuilder().setFileOffset(offset).setLength(length).setChunkId(chunk).build();
  }

  private static WrittenChunk chunk(long id, long length) {
    return WrittenChunk.newBuilder().setChunkId(id).setLength(length).build();
  }

  /** Bytes appended are shown behind all the rest, wherever that comes to end. */
  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25})
  void randomAppendsOfSeveral_areShownWhereTheyAre(long seed) {
    new Run(seed).go();
  }

  /** Plays writer, chunk servers, master and the other clients for one file. */
  private static final class Run {

    /** What one write did, until it is committed. */
    private static final class Done {
      private final boolean append;
      private final int offset;
      private final byte[] bytes;

      Done(boolean append, int offset, byte[] bytes) {
        this.append = append;
        this.offset = offset;
        this.bytes = bytes;
      }
    }

    private final long seed;
    private final Random random;
    private final FileContent content =
        new FileContent(new ExtentBudget(1 << 20, Runnable::run).share(() -> {}));
    private final Map<Long, byte[]> chunks = new HashMap<>();
    private final RangeMap<Source> extents = new RangeMap<>(Source::plus);
    private final Deque<Arena> queued = new ArrayDeque<>();
    private final Deque<List<Done>> queuedDone = new ArrayDeque<>();
    private final Deque<List<Extent>> acknowledged = new ArrayDeque<>();
    private final Deque<List<Done>> acknowledgedDone = new ArrayDeque<>();
    private Arena open = new Arena(ByteBuffer.allocate(ARENA_BYTES));
    private List<Done> openDone = new ArrayList<>();
    private byte[] file = {};
    private long lastChunk;

    Run(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      content.isEmpty();
    }

    void go() {
      for (int step = 0; step < 2000; step++) {
        switch (random.nextInt(9)) {
          case 0, 1, 2 -> append();
          case 3 -> overwrite();
          case 4, 5 -> acknowledgeOldest();
          case 6, 7 -> commitOldest(random.nextInt(3) == 0);
          default -> hear();
        }
        assertArrayEquals(shown(), read(), "seed " + seed + " step " + step);
      }
      queue();
      while (!queued.isEmpty()) {
        acknowledgeOldest();
      }
      while (!acknowledged.isEmpty()) {
        commitOldest(true);
      }
      assertFalse(content.hasUncommitted(), "seed " + seed);
      assertArrayEquals(file, read(), "seed " + seed);
    }

    private byte[] bytes() {
      byte[] bytes = new byte[1 + random.nextInt(20)];
      random.nextBytes(bytes);
      return bytes;
    }

    private void append() {
      byte[] bytes = bytes();
      if (!open.holdsAppends() || open.room() < bytes.length) {
        queue();
      }
      open.holdAppends(true);
      long position = content.takeAppendPosition(bytes.length);
      content.wrote(open, open.append(position, ByteBuffer.wrap(bytes)));
      openDone.add(new Done(true, 0, bytes));
    }

    private void overwrite() {
      byte[] bytes = bytes();
      int offset = random.nextInt(200);
      if (content.meetsAppended(offset + bytes.length)) {
        return;
      }
      if (open.holdsAppends() || open.room() < bytes.length) {
        queue();
      }
      content.wrote(open, open.append(offset, ByteBuffer.wrap(bytes)));
      openDone.add(new Done(false, offset, bytes));
    }

    private void queue() {
      if (open.length() > 0) {
        queued.add(open);
        queuedDone.add(openDone);
      }
      open = new Arena(ByteBuffer.allocate(ARENA_BYTES));
      openDone = new ArrayList<>();
    }

    private void acknowledgeOldest() {
      Arena arena = queued.poll();
      if (arena == null) {
        return;
      }
      long chunkId = store(arena.bytes(0, arena.length()));
      List<Extent> stored = new ArrayList<>();
      for (Arena.Write write : arena.writes()) {
        stored.add(
            extent(write.fileOffset(), write.length(), chunkId).toBuilder()
                .setChunkOffset(write.position())
                .build());
      }
      content.acknowledged(arena, stored);
      acknowledged.add(stored);
      acknowledgedDone.add(queuedDone.poll());
    }

    private long store(ByteBuffer bytes) {
      byte[] stored = new byte[bytes.remaining()];
      bytes.get(stored);
      chunks.put(++lastChunk, stored);
      return lastChunk;
    }

    private void commitOldest(boolean othersFirst) {
      List<Extent> committing = acknowledged.poll();
      if (committing == null) {
        return;
      }
      if (othersFirst) {
        othersAppend();
      }
      List<Done> done = acknowledgedDone.poll();
      boolean append = done.get(0).append;
      long base = append ? file.length - committing.get(0).getFileOffset() : 0;
      done.forEach(write -> file = with(file, write));
      for (Extent extent : committing) {
        extents.put(
            base + extent.getFileOffset(),
            extent.getLength(),
            new Stored(extent.getChunkId(), extent.getChunkOffset()));
      }
      if (append) {
        content.committedAppends(committing, base + committing.get(0).getFileOffset());
      } else {
        content.committed(committing);
      }
      if (othersFirst) {
        hear();
      } else {
        content.committedSize(file.length);
      }
    }

    private void othersAppend() {
      byte[] bytes = bytes();
      extents.put(file.length, bytes.length, new Stored(store(ByteBuffer.wrap(bytes)), 0));
      file = with(file, new Done(true, 0, bytes));
    }

    /** The client is told the state of the file. */
    private void hear() {
      content.forgetBase();
      content.committedSize(file.length);
      ExtentMap.Builder map = ExtentMap.newBuilder().setCompleteTo(-1);
      for (RangeMap.Range<Source> range : extents.within(0, Long.MAX_VALUE)) {
        Stored stored = (Stored) range.value();
        map.addExtents(
            extent(range.offset(), range.length(), stored.chunkId()).toBuilder()
                .setChunkOffset(stored.chunkOffset()));
      }
      content.learn(0, map.build());
    }

    private static byte[] with(byte[] before, Done write) {
      int offset = write.append ? before.length : write.offset;
      byte[] after = Arrays.copyOf(before, Math.max(before.length, offset + write.bytes.length));
      System.arraycopy(write.bytes, 0, after, offset, write.bytes.length);
      return after;
    }

    private byte[] shown() {
      byte[] shown = file;
      List<List<Done>> all = new ArrayList<>(acknowledgedDone);
      all.addAll(queuedDone);
      all.add(openDone);
      for (boolean append : new boolean[] {false, true}) {
        for (List<Done> writes : all) {
          for (Done write : writes) {
            shown = write.append == append ? with(shown, write) : shown;
          }
        }
      }
      return shown;
    }

    private byte[] read() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (FileContent.Part part : content.parts(0, content.size())) {
        assertEquals(bytes.size(), part.offset());
        byte[] piece = new byte[(int) part.length()];
        if (part.source() instanceof Buffered buffered) {
          buffered.arena().copyTo(buffered.position(), ByteBuffer.wrap(piece));
        } else if (part.source() instanceof Stored stored) {
          byte[] chunk = chunks.get(stored.chunkId());
          System.arraycopy(chunk, (int) stored.chunkOffset(), piece, 0, piece.length);
        }
        bytes.writeBytes(piece);
      }
      return bytes.toByteArray();
    }
  }
}
