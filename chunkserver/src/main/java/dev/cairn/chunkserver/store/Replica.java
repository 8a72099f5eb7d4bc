package dev.cairn.chunkserver.store;

/** A chunk that is here: its length in bytes, and whether nothing will be appended to it again. */
public record Replica(long chunkId, long length, boolean sealed) {}
