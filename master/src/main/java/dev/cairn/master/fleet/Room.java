package dev.cairn.master.fleet;

/**
 * Says how much of the trash has to go so that writing never fails for want of room that only what
 * was deleted takes.
 *
 * <p><b>Goal</b>: a tenth of the servers' disks is free, as long as letting go of trash can make it
 * so. A tenth gives a fast writer the time that deletion takes.
 *
 * <p><b>Algorithm</b>: What is missing to that share, over all living servers, less what has been
 * let go already and is not yet free: deletion takes its time, and without that the whole trash
 * would go while the first of it is being deleted.
 */
public final class Room {

  private static final int FREE_FRACTION = 10;

  private Room() {}

  /**
   * Bytes, on disk, that have to be let go.
   *
   * @param disks of all living servers
   * @param underWay bytes on disk that are let go and still count as used
   */
  public static long missing(Capacity disks, long underWay) {
    return Math.max(0, disks.totalBytes() / FREE_FRACTION - disks.freeBytes() - underWay);
  }
}
