package dev.cairn.client.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.file.Source.Stored;
import dev.cairn.rpc.proto.ChunkLocation;
import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.ExtentMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a client remembers of the extents of its open files. */
class KnownExtentsTest {

  private static final ChunkPlace PLACE = new ChunkPlace(List.of(1, 2), false);

  private static Extent extent(long offset, long length, long chunk, long chunkOffset) {
    return Extent.newBuilder()
        .setFileOffset(offset)
        .setLength(length)
        .setChunkId(chunk)
        .setChunkOffset(chunkOffset)
        .build();
  }

  private static KnownExtents unbounded() {
    return new KnownExtents(new ExtentBudget(Integer.MAX_VALUE, Runnable::run).share(() -> {}));
  }

  /** The answer of a master whose file has an extent of one byte at each second offset. */
  private static ExtentMap answer(long from, int limit, long extents) {
    ExtentMap.Builder map = ExtentMap.newBuilder();
    long first = (from + 1) / 2;
    long end = Math.min(extents, first + limit);
    for (long i = first; i < end; i++) {
      map.addExtents(extent(2 * i, 1, 1 + i % 7, i));
    }
    for (long chunk = 1; chunk <= 7; chunk++) {
      map.addLocations(ChunkLocation.newBuilder().setChunkId(chunk).addServerIds(1));
    }
    return map.setCompleteTo(end == extents ? -1 : 2 * end).build();
  }

  private static long chunkAt(KnownExtents known, long offset) {
    long[] chunk = {0};
    known.visit(offset, offset + 1, (at, length, id, chunkOffset, place) -> chunk[0] = id);
    return chunk[0];
  }

  @Test
  void neighboursInFileAndChunk_areOneExtent() {
    KnownExtents known = unbounded();
    ExtentMap.Builder map = ExtentMap.newBuilder().setCompleteTo(-1);
    for (int i = 0; i < 100; i++) {
      map.addExtents(extent(10L * i, 10, 5, 10L * i));
    }
    known.learn(0, map.build());
    assertEquals(1, known.size());
    for (int i = 100; i < 3000; i++) {
      known.committed(10L * i, 10, new Stored(5, 10L * i), PLACE);
    }
    assertTrue(known.size() <= 1 + KnownExtents.MOST_RECENT, known.size() + " extents");
  }

  @Test
  void whatIsCommittedWhereNothingIsKnown_doesNotPileUp() {
    KnownExtents known = unbounded();
    for (int i = 0; i < 100_000; i++) {
      known.committed(20L * i, 10, new Stored(i, 0), PLACE);
    }
    assertTrue(known.size() <= KnownExtents.MOST_RECENT, known.size() + " extents");
  }

  @Test
  void aFileOfAMillionExtents_isHeldInParts_andReadAllTheSame() {
    int most = 100_000;
    long extents = 1_000_000;
    KnownExtents known = new KnownExtents(new ExtentBudget(most, Runnable::run).share(() -> {}));
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      // From one end to the other, and then anywhere.
      long at = i < 250 ? 2L * ExtentPage.MOST_EXTENTS * i : random.nextLong(2 * extents);
      if (known.knownEnd(at, at + 1) == at) {
        known.learn(at, answer(at, ExtentPage.MOST_EXTENTS, extents));
      }
      long expected = at % 2 == 0 && at < 2 * extents ? 1 + at / 2 % 7 : 0;
      assertEquals(expected, chunkAt(known, at), "at " + at);
      assertTrue(known.size() <= most, known.size() + " extents");
    }
  }

  @Test
  void manyFiles_shareTheBudget_andThoseNotUsedForLongestGiveUp() {
    ExtentBudget budget = new ExtentBudget(50_000, Runnable::run);
    List<KnownExtents> files = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int number = i;
      files.add(new KnownExtents(budget.share(() -> files.get(number).clear())));
      files.get(i).learn(0, answer(0, ExtentPage.MOST_EXTENTS, 100_000));
      assertEquals(1, chunkAt(files.get(i), 0), "what was just learned is there");
      int all = files.stream().mapToInt(KnownExtents::size).sum();
      assertTrue(all <= 50_000, all + " extents of " + files.size() + " files");
      assertEquals(all, budget.held());
    }
    assertEquals(0, files.get(0).size());
    files.forEach(KnownExtents::clear);
    assertEquals(0, budget.held());
  }

  @Test
  void randomAnswersAndCommits_leaveWhatAnArrayHas() {
    for (int run = 0; run < 20; run++) {
      long seed = System.nanoTime();
      new Run(seed).go();
    }
  }

  /** A master's file as an array: for each byte the chunk it is from, 0 in a hole. */
  private static final class Run {
    private static final int BYTES = 40_000;

    private final long seed;
    private final Random random;
    private final long[] chunks = new long[BYTES];
    private final long[] offsets = new long[BYTES];
    private final KnownExtents known;
    private long lastChunk;

    Run(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      known =
          new KnownExtents(
              new ExtentBudget(2 * ExtentPage.MOST_EXTENTS, Runnable::run).share(() -> {}));
      for (int at = 0; at + 4 < BYTES; at += 1 + random.nextInt(7)) {
        put(at, 1 + random.nextInt(3), ++lastChunk, random.nextInt(10));
      }
    }

    private void put(int offset, int length, long chunk, long chunkOffset) {
      for (int i = offset; i < offset + length; i++) {
        chunks[i] = chunk;
        offsets[i] = chunkOffset + i - offset;
      }
    }

    void go() {
      for (int step = 0; step < 4000; step++) {
        int at = random.nextInt(BYTES - 50);
        switch (random.nextInt(40)) {
          case 0 -> learn(at, 1 + random.nextInt(5000));
          case 1 -> known.clear();
          default -> {
            int length = 1 + random.nextInt(20);
            put(at, length, ++lastChunk, 3);
            known.committed(at, length, new Stored(lastChunk, 3), PLACE);
          }
        }
        check(random.nextInt(BYTES), 200, step);
      }
      check(0, BYTES, -1);
    }

    private void learn(int from, int limit) {
      ExtentMap.Builder map = ExtentMap.newBuilder();
      int at = from;
      while (at > 0 && chunks[at] != 0 && chunks[at - 1] == chunks[at]) {
        // An answer begins with the whole extent that the offset is in.
        at--;
      }
      while (at < BYTES && map.getExtentsCount() < limit) {
        int end = at + 1;
        while (end < BYTES && chunks[end] == chunks[at] && offsets[end] == offsets[end - 1] + 1) {
          end++;
        }
        if (chunks[at] != 0) {
          map.addExtents(extent(at, end - at, chunks[at], offsets[at]));
        }
        at = end;
      }
      known.learn(from, map.setCompleteTo(at >= BYTES ? -1 : at).build());
    }

    private void check(int from, int length, int step) {
      int to = Math.min(BYTES, from + length);
      long[] seen = new long[to - from];
      long[] expected = new long[to - from];
      known.visit(
          from,
          to,
          (offset, bytes, chunk, chunkOffset, place) -> {
            for (int i = 0; i < bytes; i++) {
              seen[(int) offset - from + i] = 100 * chunk + chunkOffset + i;
            }
          });
      for (int i = from; i < to; i++) {
        boolean isKnown = known.firstUnknown(i, i + 1) < 0;
        // Own commits may be shown where nothing else is known.
        boolean own = seen[i - from] != 0;
        expected[i - from] = chunks[i] != 0 && (isKnown || own) ? 100 * chunks[i] + offsets[i] : 0;
      }
      assertArrayEquals(expected, seen, "seed " + seed + " step " + step);
    }
  }
}
