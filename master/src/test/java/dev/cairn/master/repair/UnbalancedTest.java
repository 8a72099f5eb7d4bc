package dev.cairn.master.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.fleet.Candidate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one survey looks at for the sake of balance. */
final class UnbalancedTest {

  private static final long DISK = 1L << 40;

  private static Candidate server(int id, int percentFree) {
    return new Candidate(id, "", DISK, DISK / 100 * percentFree, 0);
  }

  private static Unbalanced looking(int percentFree) {
    return new Unbalanced(
        List.of(server(1, 50), server(2, 50), server(3, percentFree)),
        (chunk, server) -> true,
        percentFree != 50);
  }

  @Test
  void oneLook_isAtSomeChunksOnly_whenNoMoveHelps() {
    Unbalanced look = looking(10);
    int chunks = 0;
    while (look.wantsAnother()) {
      look.consider(++chunks, 2, new int[] {1, 2});
      assertTrue(chunks < 1_000_000, "it never has enough");
    }
    look.partEnds();
    assertEquals(1, look.parts());
    assertTrue(look.chunks().isEmpty());
  }

  @Test
  void oneLook_endsWhenItHasFoundEnough() {
    Unbalanced look = looking(90);
    int chunks = 0;
    while (look.wantsAnother()) {
      look.consider(++chunks, 2, new int[] {1, 2});
    }
    assertEquals(chunks, look.chunks().size());
    assertTrue(chunks < 10_000, chunks + " chunks");
  }

  @Test
  void anEvenCluster_needsNoLook() {
    assertFalse(looking(50).wantsAnother());
    assertFalse(looking(50).isNeeded());
    assertTrue(looking(90).isNeeded());
  }
}
