package dev.cairn.rpc.admission;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * The bounds of one server.
 *
 * @param peers its connections
 * @param unfinished requests that are still coming
 * @param underWay bytes of requests that are not answered yet
 */
public record Admission(ServedPeers peers, UnfinishedRequests unfinished, ByteBudget underWay) {

  private static final int MOST_CONNECTIONS = 4096;

  /** What a connection takes of the heap, most of it HTTP/2's. */
  private static final long CONNECTION_BYTES = 64 << 10;

  /** Bytes of requests and, beside them, what becomes of them in memory, are a part of the heap. */
  private static final int PART_OF_HEAP = 12;

  /** By what this process may have of memory and descriptors. */
  public static Admission ofThisProcess() {
    long heap = Runtime.getRuntime().maxMemory();
    long most = Math.min(MOST_CONNECTIONS, heap / CONNECTION_BYTES);
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
      most = Math.min(most, system.getMaxFileDescriptorCount() / 2);
    }
    return new Admission(
        new ServedPeers((int) most, (int) Math.max(1, most / 2)),
        new UnfinishedRequests(heap / PART_OF_HEAP),
        new ByteBudget(heap / PART_OF_HEAP));
  }

  /** Closes and gives up what is overdue; to be called about every second. */
  public void tidy(long nowNanos) {
    peers.closeIdle(nowNanos);
    unfinished.giveUpOverdue(nowNanos);
  }
}
