package dev.cairn.master.session;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.concurrent.atomic.AtomicInteger;

/** How many files are open in all sessions together. Safe for any thread. */
final class OpenFileCount {

  /** At 21 to 32 bytes each, a sixth of the smallest heap. */
  static final int MOST = 1_000_000;

  private final AtomicInteger count = new AtomicInteger();
  private final int most;

  OpenFileCount(int most) {
    this.most = most;
  }

  /** Refuses one more open file than there may be. */
  void check() throws CairnException {
    if (count.get() >= most) {
      throw ErrorCode.TOO_MANY_OPEN_IN_ALL.because(
          "clients have " + count.get() + " files open, and no more can be opened");
    }
  }

  /** Counts more open files, or fewer. */
  void add(int files) {
    count.addAndGet(files);
  }

  int get() {
    return count.get();
  }
}
