package dev.cairn.client.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.client.file.KernelVersions.Opening;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelVersionsTest {

  private static final long FILE = 7;
  private final KernelVersions kernel = new KernelVersions();

  /** As an open does whose answer the kernel has obeyed. */
  private void openAndRead(long version) {
    kernel.told(FILE, version);
    kernel.opened(FILE, version);
    kernel.dropped(FILE, version);
  }

  @Test
  void ownChanges_keepPagesAndAttributes() {
    openAndRead(3);
    kernel.changed(FILE, 4);
    kernel.changed(FILE, 5);
    assertEquals(new Opening(true, true), kernel.opened(FILE, 5));
  }

  @Test
  void anotherClientsChange_thatWasOnlySeenInAttributes_takesThePagesWithTheNextOwnOne() {
    openAndRead(3);
    kernel.told(FILE, 4);
    kernel.changed(FILE, 5);
    assertEquals(new Opening(false, true), kernel.opened(FILE, 5));
  }

  @Test
  void anotherClientsChange_thatNothingTold_takesBoth() {
    openAndRead(3);
    kernel.changed(FILE, 5);
    assertEquals(new Opening(false, false), kernel.opened(FILE, 5));
  }

  @Test
  void anotherClientsChange_isSeenAtTheNextOpen() {
    openAndRead(3);
    assertEquals(new Opening(false, false), kernel.opened(FILE, 4));
  }

  @Test
  void pages_areNotKept_untilTheKernelHasDroppedThem() {
    kernel.opened(FILE, 3);
    assertEquals(false, kernel.opened(FILE, 3).pagesAreRight());
    kernel.dropped(FILE, 3);
    assertEquals(true, kernel.opened(FILE, 3).pagesAreRight());
  }

  @Test
  void pagesOfAnotherPlace_areForgottenAndReported() {
    List<Long> stale = new ArrayList<>();
    kernel.onStalePages(stale::add);
    openAndRead(3);
    kernel.misplaced(FILE);
    assertEquals(List.of(FILE), stale);
    assertEquals(new Opening(false, false), kernel.opened(FILE, 3));
  }
}
