package dev.cairn.client.path;

import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;

/**
 * What a path points at.
 *
 * @param path as the user wrote it, for messages
 */
public record Node(String path, Attributes attributes) {

  public long inode() {
    return attributes.getInode();
  }

  public boolean isDirectory() {
    return attributes.getType() == FileType.DIRECTORY;
  }

  public boolean isRegular() {
    return attributes.getType() == FileType.REGULAR;
  }

  public boolean isSymlink() {
    return attributes.getType() == FileType.SYMLINK;
  }
}
