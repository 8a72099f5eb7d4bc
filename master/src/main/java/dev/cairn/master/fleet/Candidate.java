package dev.cairn.master.fleet;

/**
 * A living chunk server, as placement looks at it.
 *
 * @param zone empty when the servers are not told apart by zone
 * @param silentMillis since its last heartbeat
 */
public record Candidate(
    int server, String zone, long totalBytes, long freeBytes, long silentMillis) {}
