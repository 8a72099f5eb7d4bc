package dev.cairn.client.vfs;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.LeaseStatus;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;

/**
 * An inode. What belongs to the tree ({@link #entries}, {@link #parent}, {@link #links}, {@link
 * #opens}) changes under the tree's lock; everything else under the node's own monitor.
 */
final class MemoryNode {

  private static final int SET_USER_ID = 04000;
  private static final int SET_GROUP_ID = 02000;
  private static final int GROUP_EXECUTE = 010;

  final long inode;
  final FileType type;
  final TreeMap<ByteString, MemoryNode> entries =
      new TreeMap<>(ByteString.unsignedLexicographicalComparator());
  final TreeMap<ByteString, ByteString> xattrs =
      new TreeMap<>(ByteString.unsignedLexicographicalComparator());
  final SparseBytes content = new SparseBytes();

  int permissions;
  int uid;
  int gid;
  int device;
  ByteString symlinkTarget = ByteString.EMPTY;
  MemoryNode parent;
  int links;
  int opens;
  long dataVersion = 1;
  Vfs leaseHolder;
  private long atime = now();
  private long mtime = atime;
  private long ctime = atime;

  MemoryNode(long inode, FileType type) {
    this.inode = inode;
    this.type = type;
    this.links = type == FileType.DIRECTORY ? 2 : 1;
  }

  boolean isDirectory() {
    return type == FileType.DIRECTORY;
  }

  MemoryNode asDirectory() throws CairnException {
    if (!isDirectory()) {
      throw ErrorCode.NOT_DIRECTORY.because("inode " + inode + " is not a directory");
    }
    return this;
  }

  synchronized Attributes attributes() {
    long size =
        switch (type) {
          case DIRECTORY -> entries.size();
          case SYMLINK -> symlinkTarget.size();
          default -> content.size();
        };
    return Attributes.newBuilder()
        .setInode(inode)
        .setType(type)
        .setPermissions(permissions)
        .setLinks(links)
        .setUid(uid)
        .setGid(gid)
        .setDevice(device)
        .setSize(size)
        .setAllocated(content.allocated())
        .setAtime(atime)
        .setMtime(mtime)
        .setCtime(ctime)
        .setDataVersion(dataVersion)
        .build();
  }

  /** Refuses whoever does not have the lease, if there is one. */
  void lease(Vfs asker, ErrorCode refusal) throws CairnException {
    if (leaseHolder != null && leaseHolder != asker) {
      throw refusal.because("another client has a lease of inode " + inode);
    }
  }

  /** Collects the leases of what is below, each with its path from here. */
  void leasesBelow(ByteString path, List<LeaseStatus> leases) {
    if (leaseHolder != null) {
      leases.add(LeaseStatus.newBuilder().setInode(inode).setPath(path).build());
    }
    ByteString prefix = path.isEmpty() ? path : path.concat(ByteString.copyFromUtf8("/"));
    entries.forEach((name, child) -> child.leasesBelow(prefix.concat(name), leases));
  }

  synchronized void touchChange() {
    ctime = now();
  }

  /** The content, or the list of names, is another one now. */
  synchronized void touchContent() {
    mtime = now();
    ctime = mtime;
    dataVersion++;
  }

  synchronized void change(Vfs.AttributeChange change) throws CairnException {
    if (change.size() != null) {
      if (type != FileType.REGULAR) {
        throw ErrorCode.INVALID.because("inode " + inode + " has no length to set");
      }
      content.resize(change.size());
      touchContent();
    }
    if (change.clearSetIdBits()) {
      clearSetIdBits();
    }
    permissions = change.permissions() == null ? permissions : change.permissions();
    uid = change.uid() == null ? uid : change.uid();
    gid = change.gid() == null ? gid : change.gid();
    ctime = now();
    if (change.atimeNow() || change.atime() != null) {
      atime = change.atimeNow() ? ctime : change.atime();
    }
    if (change.mtimeNow() || change.mtime() != null) {
      mtime = change.mtimeNow() ? ctime : change.mtime();
    }
  }

  synchronized void clearSetIdBits() {
    permissions &= ~SET_USER_ID;
    if ((permissions & GROUP_EXECUTE) != 0) {
      permissions &= ~SET_GROUP_ID;
    }
  }

  /** What inode(7) says of entries made in a directory with the set-group-id bit. */
  void inheritGroup(MemoryNode directory) {
    if ((directory.permissions & SET_GROUP_ID) != 0) {
      gid = directory.gid;
      permissions |= isDirectory() ? SET_GROUP_ID : 0;
    }
  }

  private static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }
}
