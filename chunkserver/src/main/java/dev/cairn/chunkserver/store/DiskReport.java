package dev.cairn.chunkserver.store;

/**
 * A data directory's state.
 *
 * @param freeBytes what may still be written to it, the reserve not counted
 * @param filesystem what it has in common with other directories on the same filesystem; empty when
 *     that is not known
 * @param failure empty when the disk is well; otherwise why it is not used
 * @param heldBytes that Cairn's own data takes, the quarantine included
 * @param quarantinedBytes that replicas take which are kept for a time before they are deleted
 */
public record DiskReport(
    String path,
    String filesystem,
    long totalBytes,
    long freeBytes,
    String failure,
    long heldBytes,
    long quarantinedBytes,
    long quarantinedChunks) {}
