package dev.cairn.rpc.admission;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that may be in use at a time. Safe for any thread. */
public final class ByteBudget {

  private final long most;
  private final AtomicLong used = new AtomicLong();

  public ByteBudget(long most) {
    this.most = most;
  }

  /** Takes the bytes, where so many are left. */
  public boolean take(long bytes) {
    if (used.addAndGet(bytes) <= most) {
      return true;
    }
    used.addAndGet(-bytes);
    return false;
  }

  /** Gives bytes back that were taken. */
  public void give(long bytes) {
    used.addAndGet(-bytes);
  }

  long used() {
    return used.get();
  }
}
