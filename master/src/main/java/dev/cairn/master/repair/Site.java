package dev.cairn.master.repair;

import dev.cairn.master.fleet.Candidate;

/** A server that may get replicas, and what it was ordered to copy already. */
final class Site {

  private static final int MOST_ORDERS = 4096;
  private static final long MOST_RESERVED_BYTES = 64L << 20;
  private static final int RESERVED_FRACTION = 50;

  private final Candidate server;
  private final long mostBytes;
  private long orderedBytes;
  private int orders;

  /**
   * @param mostBytes that may be ordered at a time; one order more is always possible
   */
  Site(Candidate server, long mostBytes, long orderedBytes, int orders) {
    this.server = server;
    this.mostBytes = mostBytes;
    this.orderedBytes = orderedBytes;
    this.orders = orders;
  }

  int id() {
    return server.server();
  }

  String zone() {
    return server.zone();
  }

  /** What is left when all that was ordered is there, with some room kept for clients. */
  long freeBytes() {
    return server.freeBytes() - reserved(server) - orderedBytes;
  }

  /** What is kept for clients. */
  static long reserved(Candidate server) {
    return Math.min(MOST_RESERVED_BYTES, server.totalBytes() / RESERVED_FRACTION);
  }

  /** Whether it may get another order now. */
  boolean isIdle(int length) {
    return orders == 0 || (orders < MOST_ORDERS && orderedBytes + length <= mostBytes);
  }

  void ordered(int length) {
    orderedBytes += length;
    orders++;
  }
}
