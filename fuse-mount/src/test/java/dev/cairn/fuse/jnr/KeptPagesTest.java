package dev.cairn.fuse.jnr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class KeptPagesTest {

  private static final FusePath A = path("/a");
  private static final FusePath B = path("/b");

  private final KeptPages pages = new KeptPages();

  @Test
  void firstOpen_keepsNothing() {
    assertFalse(pages.opened(5, A, true));
  }

  @Test
  void secondOpen_ofAnUnchangedFile_keepsPages() {
    openAndClose(5, A);
    assertTrue(pages.opened(5, A, true));
    assertFalse(pages.opened(5, A, false));
  }

  @Test
  void anotherHardLink_hasPagesOfItsOwn() {
    openAndClose(5, A);
    assertFalse(openAndClose(5, B));
    assertFalse(openAndClose(5, A));
  }

  @Test
  void anotherInodeAtTheSamePath_hasPagesOfItsOwn() {
    openAndClose(5, A);
    openAndClose(6, A);
    assertFalse(openAndClose(5, A));
  }

  @Test
  void rename_takesPagesAlong() {
    openAndClose(5, A);
    pages.renamed(A, B, false);
    assertTrue(openAndClose(5, B));
  }

  @Test
  void rename_ofTheDirectory_forgetsPages() {
    openAndClose(5, path("/d/f"));
    pages.renamed(path("/d"), path("/e"), true);
    assertFalse(openAndClose(5, path("/e/f")));
    openAndClose(6, path("/e/f"));
    assertFalse(openAndClose(5, path("/d/f")));
  }

  @Test
  void openByTwoPathsAtATime_keepsNothingUntilBothAreClosed() {
    pages.opened(5, A, true);
    pages.opened(5, B, true);
    assertFalse(pages.opened(5, B, true));
    pages.closed(5);
    pages.closed(5);
    pages.closed(5);
    assertFalse(openAndClose(5, B));
    assertTrue(openAndClose(5, B));
  }

  @Test
  void removal_forgetsPages() {
    openAndClose(5, A);
    pages.removed(A);
    assertFalse(openAndClose(5, A));
  }

  /** The model: what each path's pages are of, and how often each inode has been written. */
  @Test
  void randomHistories_neverKeepPagesOfSomethingElse() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      KeptPages tested = new KeptPages();
      Map<FusePath, Long> inodes = new HashMap<>();
      Map<FusePath, List<Long>> pagesAt = new HashMap<>();
      Map<Long, Long> versions = new HashMap<>();
      for (int step = 0; step < 100; step++) {
        FusePath at = path("/" + random.nextInt(4));
        switch (random.nextInt(4)) {
          case 0 -> inodes.put(at, (long) random.nextInt(4)); // by another client
          case 1 -> {
            FusePath to = path("/" + random.nextInt(4));
            if (inodes.containsKey(at) && !at.equals(to)) {
              tested.renamed(at, to, false);
              inodes.put(to, inodes.remove(at));
              pagesAt.put(to, pagesAt.remove(at));
            }
          }
          default -> {
            Long inode = inodes.get(at);
            if (inode != null) {
              long version = versions.merge(inode, 0L, Long::sum);
              if (tested.opened(inode, at, true)) {
                assertEquals(List.of(inode, version), pagesAt.get(at), "seed " + seed);
              }
              if (random.nextBoolean()) {
                versions.merge(inode, 1L, Long::sum);
              }
              pagesAt.put(at, new ArrayList<>(List.of(inode, versions.get(inode))));
              tested.closed(inode);
            }
          }
        }
      }
    }
  }

  private boolean openAndClose(long inode, FusePath path) {
    boolean kept = pages.opened(inode, path, true);
    pages.closed(inode);
    return kept;
  }

  private static FusePath path(String text) {
    return new FusePath(ByteString.copyFromUtf8(text));
  }
}
