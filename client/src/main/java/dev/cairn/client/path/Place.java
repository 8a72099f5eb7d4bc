package dev.cairn.client.path;

import com.google.protobuf.ByteString;

/**
 * A name in a directory, with or without something there.
 *
 * @param path as the user wrote it, for messages
 * @param present what the name points at, symlinks not followed; null when nothing is there
 */
public record Place(String path, long parent, ByteString name, Node present) {}
