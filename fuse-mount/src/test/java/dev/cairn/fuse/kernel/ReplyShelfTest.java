package dev.cairn.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplyShelfTest {

  private static final int CAPACITY = 512;

  private final List<ReplyBuffer> used = new ArrayList<>();
  private final List<OutOfMemoryError> without = new ArrayList<>();
  private int left;
  private final ReplyShelf shelf = new ReplyShelf(CAPACITY, 2, this::scarce);

  private final ReplyShelf.User user =
      new ReplyShelf.User() {
        @Override
        public void use(ReplyBuffer buffer) {
          used.add(buffer);
        }

        @Override
        public void goWithout(OutOfMemoryError why) {
          without.add(why);
        }
      };

  private ReplyBuffer scarce(int capacity, ReplyShelf on) {
    if (left-- > 0) {
      return new ReplyBuffer(capacity, on);
    }
    throw new OutOfMemoryError("as a test has it");
  }

  @Test
  void whenFree_withAllBuffersLent_waitsForOneToComeBack() {
    left = 2;
    shelf.whenFree(user);
    shelf.whenFree(user);
    shelf.whenFree(user);
    assertEquals(2, used.size());
    used.get(0).release();
    assertSame(used.get(0), used.get(2));
  }

  @Test
  void whenFree_withoutMemory_waitsForABufferThatIsLent() {
    left = 1;
    shelf.whenFree(user);
    shelf.whenFree(user);
    assertEquals(1, used.size());
    used.get(0).release();
    assertEquals(2, used.size());
    assertTrue(without.isEmpty());
  }

  @Test
  void whenFree_withoutMemoryAndWithoutABufferThatCouldComeBack_failsAndHarmsNoOther() {
    shelf.whenFree(user);
    assertEquals(1, without.size());
    left = 2;
    shelf.whenFree(user);
    shelf.whenFree(user);
    assertEquals(2, used.size(), "the error must not have used up a place");
  }

  @Test
  void abandonedBuffer_withoutMemoryForAnother_leavesNobodyWaiting() {
    left = 1;
    shelf.whenFree(user);
    shelf.whenFree(user);
    used.get(0).abandon();
    assertEquals(1, without.size());
  }
}
