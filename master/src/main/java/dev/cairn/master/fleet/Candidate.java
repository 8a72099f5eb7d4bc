package dev.cairn.master.fleet;

/**
 * A living chunk server, as placement looks at it.
 *
 * @param zone empty when the servers are not told apart by zone
 * @param silentMillis since its last heartbeat
 * @param connections open at its data port then
 * @param maintained it is about to be away for a time
 */
public record Candidate(
    int server,
    String zone,
    long totalBytes,
    long freeBytes,
    long silentMillis,
    int connections,
    boolean maintained) {

  /** A server that nobody uses. */
  public Candidate(int server, String zone, long totalBytes, long freeBytes, long silentMillis) {
    this(server, zone, totalBytes, freeBytes, silentMillis, 0, false);
  }

  /** The server when so many bytes more are free; negative: less. */
  public Candidate withFreed(long bytes) {
    return new Candidate(
        server, zone, totalBytes, freeBytes + bytes, silentMillis, connections, maintained);
  }
}
