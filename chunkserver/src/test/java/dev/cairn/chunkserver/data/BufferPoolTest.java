package dev.cairn.chunkserver.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.error.CairnException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

final class BufferPoolTest {

  private static final int SLABS = 32;
  private final BufferPool pool = new BufferPool((long) SLABS * BufferPool.SLAB_BYTES);

  private CompletableFuture<BufferPool.Lent> takeLater(int bytes, int rank) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return pool.take(bytes, rank);
          } catch (CairnException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static boolean isDone(CompletableFuture<?> future, long millis) throws Exception {
    try {
      future.get(millis, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  @Test
  void take_givesBuffersThatDoNotOverlap() throws CairnException {
    Random random = new Random(1);
    List<BufferPool.Lent> lent = new ArrayList<>();
    for (int step = 0; step < 3_000; step++) {
      if (lent.size() < 12 && random.nextInt(3) > 0) {
        BufferPool.Lent buffer = pool.take(1 + random.nextInt(BufferPool.SLAB_BYTES), 0);
        byte mark = (byte) step;
        buffer.bytes().put(0, mark).put(buffer.bytes().limit() - 1, mark);
        lent.add(buffer);
      } else if (!lent.isEmpty()) {
        BufferPool.Lent buffer = lent.remove(random.nextInt(lent.size()));
        int last = buffer.bytes().limit() - 1;
        assertEquals(buffer.bytes().get(0), buffer.bytes().get(last), "step " + step);
        buffer.close();
        buffer.close();
      }
    }
    lent.forEach(BufferPool.Lent::close);
    assertEquals(0, pool.lentBytes());
  }

  @Test
  void take_whenAllIsLent_waitsUntilSomethingComesBack() throws Exception {
    List<BufferPool.Lent> lent = new ArrayList<>();
    for (int i = 0; i < SLABS; i++) {
      lent.add(pool.take(BufferPool.SLAB_BYTES, 0));
    }
    CompletableFuture<BufferPool.Lent> waiting = takeLater(1000, 0);
    assertFalse(isDone(waiting, 50));
    lent.remove(7).close();
    assertTrue(isDone(waiting, 10_000));
    waiting.get().close();
    lent.forEach(BufferPool.Lent::close);
  }

  @Test
  void take_ofALowRank_worksWhileHigherRanksHoldAllTheyCan() throws Exception {
    List<BufferPool.Lent> lent = new ArrayList<>();
    for (int i = 0; i < SLABS - 2; i++) {
      lent.add(pool.take(BufferPool.SLAB_BYTES, 2));
    }
    CompletableFuture<BufferPool.Lent> another = takeLater(1, 2);
    assertFalse(isDone(another, 50));
    pool.take(BufferPool.SLAB_BYTES, 1).close();
    pool.take(BufferPool.SLAB_BYTES, 0).close();
    lent.forEach(BufferPool.Lent::close);
    another.get(10, TimeUnit.SECONDS).close();
  }

  @Test
  void take_ofALargeBuffer_isNotOvertakenByLaterSmallOnes() throws Exception {
    List<BufferPool.Lent> lent = new ArrayList<>();
    for (int i = 0; i < 64 * SLABS; i++) {
      lent.add(pool.take(1, 0));
    }
    CompletableFuture<BufferPool.Lent> large = takeLater(BufferPool.SLAB_BYTES, 0);
    assertFalse(isDone(large, 50));
    CompletableFuture<BufferPool.Lent> small = takeLater(1, 0);
    lent.remove(0).close();
    assertFalse(isDone(small, 50));
    lent.forEach(BufferPool.Lent::close);
    large.get(10, TimeUnit.SECONDS).close();
    small.get(10, TimeUnit.SECONDS).close();
    assertEquals(0, pool.lentBytes());
  }
}
