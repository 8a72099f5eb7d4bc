package dev.cairn.client.data;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.checksum.Blocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockCacheTest {

  private final BlockCache cache = new BlockCache(2L * Blocks.SIZE);

  private void keep(long chunkId) throws IOException {
    cache.put(chunkId, 0, cache.blank().putLong(chunkId).flip());
  }

  @Test
  void aFullCache_dropsTheBlockThatWasUsedLeastRecently() throws IOException {
    keep(1);
    keep(2);
    assertTrue(cache.copy(1, 0, ByteBuffer.allocate(Long.BYTES)));
    keep(3);
    assertTrue(cache.contains(1, 0, Long.BYTES));
    assertFalse(cache.contains(2, 0, Long.BYTES));
    assertTrue(cache.contains(3, 0, Long.BYTES));
  }

  @Test
  void moreReadsAtATimeThanTheCacheHasBlocks_leaveItAsLargeAsBefore() throws IOException {
    List<ByteBuffer> blanks = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      blanks.add(cache.blank());
    }
    blanks.forEach(cache::discard);
    ByteBuffer first = cache.blank();
    ByteBuffer second = cache.blank();
    cache.put(1, 0, first);
    assertSame(first, cache.blank(), "a third buffer would be more than the cache may have");
    assertNotSame(first, second);
  }
}
