package dev.cairn.chunkserver.store;

/**
 * A data directory's state.
 *
 * @param freeBytes what may still be written to it, the reserve not counted
 * @param failure empty when the disk is well; otherwise why it is not used
 */
public record DiskReport(String path, long totalBytes, long freeBytes, String failure) {}
