package dev.cairn.client.vfs;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileType;
import java.util.HashMap;
import java.util.Map;

/** The inodes and their names; every method holds the tree's lock. */
final class MemoryTree {

  private static final int LONGEST_NAME = 255;

  private final Map<Long, MemoryNode> nodes = new HashMap<>();
  private final MemoryNode root = new MemoryNode(Vfs.ROOT, FileType.DIRECTORY);
  private long lastInode = Vfs.ROOT;

  MemoryTree() {
    root.permissions = 0755;
    root.parent = root;
    nodes.put(root.inode, root);
  }

  MemoryNode root() {
    return root;
  }

  synchronized MemoryNode node(long inode) throws CairnException {
    MemoryNode node = nodes.get(inode);
    if (node == null) {
      throw ErrorCode.STALE.because("inode " + inode + " is gone");
    }
    return node;
  }

  synchronized int size() {
    return nodes.size();
  }

  synchronized MemoryNode lookup(long parent, ByteString name) throws CairnException {
    MemoryNode directory = node(parent).asDirectory();
    if (name.equals(ByteString.copyFromUtf8("."))) {
      return directory;
    }
    if (name.equals(ByteString.copyFromUtf8(".."))) {
      return directory.parent;
    }
    if (name.size() > LONGEST_NAME) {
      throw ErrorCode.NAME_TOO_LONG.because("a name of " + name.size() + " bytes is too long");
    }
    MemoryNode found = directory.entries.get(name);
    if (found == null) {
      throw ErrorCode.NO_ENTRY.because(name.toStringUtf8() + " does not exist");
    }
    return found;
  }

  synchronized MemoryNode make(
      Vfs.Caller caller, long parent, ByteString name, FileType type, int permissions)
      throws CairnException {
    MemoryNode directory = free(parent, name);
    MemoryNode node = new MemoryNode(++lastInode, type);
    node.permissions = permissions;
    node.uid = caller.uid();
    node.gid = caller.gid();
    node.inheritGroup(directory);
    nodes.put(node.inode, node);
    attach(directory, name, node);
    return node;
  }

  synchronized MemoryNode link(long inode, long newParent, ByteString newName)
      throws CairnException {
    MemoryNode node = node(inode);
    if (node.isDirectory()) {
      throw ErrorCode.NOT_PERMITTED.because("a directory has one name only");
    }
    MemoryNode directory = free(newParent, newName);
    node.links++;
    attach(directory, newName, node);
    node.touchChange();
    return node;
  }

  synchronized void remove(long parent, ByteString name, boolean asDirectory)
      throws CairnException {
    MemoryNode node = lookup(parent, name);
    checkRemovable(node, asDirectory);
    detach(node(parent), name, node);
    drop(node);
  }

  /** Whether a directory is another one, or above it. */
  private static boolean contains(MemoryNode above, MemoryNode below) {
    return above.isDirectory()
        && (above == below
            || above.entries.values().stream().anyMatch(entry -> contains(entry, below)));
  }

  synchronized void rename(
      long parent,
      ByteString name,
      long newParent,
      ByteString newName,
      boolean noReplace,
      boolean exchange)
      throws CairnException {
    MemoryNode node = lookup(parent, name);
    MemoryNode from = node(parent);
    MemoryNode to = node(newParent).asDirectory();
    if (contains(node, to)) {
      throw ErrorCode.INVALID.because("a directory cannot be moved below itself");
    }
    MemoryNode target = to.entries.get(newName);
    if (exchange) {
      MemoryNode other = lookup(newParent, newName);
      detach(from, name, node);
      detach(to, newName, other);
      attach(from, name, other);
      attach(to, newName, node);
      return;
    }
    if (target == node) {
      return;
    }
    if (target != null) {
      if (noReplace) {
        throw ErrorCode.EXISTS.because(newName.toStringUtf8() + " exists already");
      }
      checkRemovable(target, node.isDirectory());
      detach(to, newName, target);
      drop(target);
    }
    detach(from, name, node);
    attach(to, newName, node);
    node.touchChange();
  }

  synchronized void opened(MemoryNode node) {
    node.opens++;
  }

  synchronized void released(MemoryNode node) {
    node.opens--;
    forgetUnused(node);
  }

  private MemoryNode free(long parent, ByteString name) throws CairnException {
    MemoryNode directory = node(parent).asDirectory();
    if (directory.links == 0) {
      throw ErrorCode.NO_ENTRY.because("the directory was removed");
    }
    if (name.size() > LONGEST_NAME) {
      throw ErrorCode.NAME_TOO_LONG.because("a name of " + name.size() + " bytes is too long");
    }
    if (directory.entries.containsKey(name)) {
      throw ErrorCode.EXISTS.because(name.toStringUtf8() + " exists already");
    }
    return directory;
  }

  private static void checkRemovable(MemoryNode node, boolean asDirectory) throws CairnException {
    if (asDirectory && !node.isDirectory()) {
      throw ErrorCode.NOT_DIRECTORY.because("inode " + node.inode + " is not a directory");
    }
    if (!asDirectory && node.isDirectory()) {
      throw ErrorCode.IS_DIRECTORY.because("inode " + node.inode + " is a directory");
    }
    if (!node.entries.isEmpty()) {
      throw ErrorCode.NOT_EMPTY.because("directory " + node.inode + " is not empty");
    }
  }

  private static void attach(MemoryNode directory, ByteString name, MemoryNode node) {
    directory.entries.put(name, node);
    if (node.isDirectory()) {
      directory.links++;
      node.parent = directory;
    }
    directory.touchContent();
  }

  private static void detach(MemoryNode directory, ByteString name, MemoryNode node) {
    directory.entries.remove(name);
    if (node.isDirectory()) {
      directory.links--;
    }
    directory.touchContent();
  }

  private void drop(MemoryNode node) {
    node.links = node.isDirectory() ? 0 : node.links - 1;
    node.touchChange();
    forgetUnused(node);
  }

  private void forgetUnused(MemoryNode node) {
    if (node.links == 0 && node.opens == 0) {
      nodes.remove(node.inode);
    }
  }
}
