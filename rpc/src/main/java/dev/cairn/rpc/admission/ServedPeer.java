package dev.cairn.rpc.admission;

import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicInteger;

/** The other end of a connection that a server has accepted. Safe for any thread. */
public final class ServedPeer {

  private final InetAddress address;
  private final Runnable disconnect;
  private final AtomicInteger underWay = new AtomicInteger();
  private volatile boolean spoken;
  private volatile long lastNanos;

  /**
   * A peer that has said nothing yet.
   *
   * @param address null for one that is gone already
   */
  ServedPeer(InetAddress address, Runnable disconnect, long nowNanos) {
    this.address = address;
    this.disconnect = disconnect;
    this.lastNanos = nowNanos;
  }

  InetAddress address() {
    return address;
  }

  /** A whole request has come. */
  public void asked(long nowNanos) {
    lastNanos = nowNanos;
    spoken = true;
    underWay.incrementAndGet();
  }

  /** A request is answered. */
  public void answered(long nowNanos) {
    lastNanos = nowNanos;
    underWay.decrementAndGet();
  }

  /** Whether a whole request has ever come. */
  boolean hasSpoken() {
    return spoken;
  }

  boolean isWaitedFor() {
    return underWay.get() > 0;
  }

  /** When it last asked or was answered; or, before that, connected. */
  long lastNanos() {
    return lastNanos;
  }

  void disconnect() {
    disconnect.run();
  }
}
