package dev.cairn.master.decide;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.DentryName;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.Check;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The inodes and entries one decision changes, seen over the state it reads. */
final class NamespaceDraft {

  private final MetadataView view;
  private final long now;
  private final Map<Long, Inode> changed = new LinkedHashMap<>();
  private final List<Record> records = new ArrayList<>();

  NamespaceDraft(MetadataView view, long now) {
    this.view = view;
    this.now = now;
  }

  /** The inode as it is by now; refuses with STALE when there is none. */
  Inode inode(long number) throws CairnException {
    Inode draft = changed.get(number);
    Inode inode = draft == null ? view.inode(number) : draft;
    if (inode == null) {
      throw ErrorCode.STALE.because("inode " + number + " is gone");
    }
    return inode;
  }

  /** A directory that entries may be put into. */
  Inode directory(long number) throws CairnException {
    Inode inode = inode(number);
    if (inode.getAttributes().getType() != FileType.DIRECTORY) {
      throw ErrorCode.NOT_DIRECTORY.because("inode " + number + " is not a directory");
    }
    if (inode.getAttributes().getLinks() == 0) {
      throw ErrorCode.NO_ENTRY.because("directory " + number + " was removed");
    }
    return inode;
  }

  /** The entry before this decision; refuses with NO_ENTRY when there is none. */
  Dentry entry(long parent, ByteString name) throws CairnException {
    Dentry dentry = view.dentry(parent, name);
    if (dentry == null) {
      throw ErrorCode.NO_ENTRY.because("there is no " + Name.shown(name));
    }
    return dentry;
  }

  void create(Inode inode) {
    records.add(Record.newBuilder().setInodeCreated(inode).build());
  }

  void change(Inode inode) {
    changed.put(inode.getAttributes().getInode(), inode);
  }

  void write(long parent, ByteString name, long inode, FileType type) {
    Dentry dentry =
        Dentry.newBuilder().setParent(parent).setName(name).setInode(inode).setType(type).build();
    records.add(Record.newBuilder().setDentryWritten(dentry).build());
  }

  void remove(long parent, ByteString name) {
    DentryName dentry = DentryName.newBuilder().setParent(parent).setName(name).build();
    records.add(Record.newBuilder().setDentryRemoved(dentry).build());
  }

  /** Counts entries, and directories among them, that a directory gained or lost. */
  void countEntries(long directory, int entries, int subdirectories) throws CairnException {
    Inode inode = inode(directory);
    Attributes before = inode.getAttributes();
    Check.that(before.getSize() + entries >= 0, "directory %d has too few entries", directory);
    change(
        inode.toBuilder()
            .setAttributes(
                before.toBuilder()
                    .setSize(before.getSize() + entries)
                    .setLinks(before.getLinks() + subdirectories)
                    .setMtime(now)
                    .setCtime(now))
            .build());
  }

  /** Takes a name away from an inode; what has no name left is an orphan. A directory has one. */
  Inode dropLink(long number) throws CairnException {
    Inode inode = inode(number);
    Attributes before = inode.getAttributes();
    int links = before.getType() == FileType.DIRECTORY ? 0 : before.getLinks() - 1;
    Check.that(links >= 0, "inode %d has a name but no link", number);
    Inode after =
        inode.toBuilder().setAttributes(before.toBuilder().setLinks(links).setCtime(now)).build();
    change(after);
    if (links == 0) {
      Orphan orphan = Orphan.newBuilder().setId(number).setSince(now).build();
      records.add(Record.newBuilder().setOrphanAdded(orphan).build());
    }
    return after;
  }

  /** Notes that the inode's name or links changed. */
  void touch(long number) throws CairnException {
    Inode inode = inode(number);
    change(
        inode.toBuilder().setAttributes(inode.getAttributes().toBuilder().setCtime(now)).build());
  }

  List<Record> records() {
    for (Inode inode : changed.values()) {
      records.add(Record.newBuilder().setInodeChanged(inode).build());
    }
    return records;
  }
}
