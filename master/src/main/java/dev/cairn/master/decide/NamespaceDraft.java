package dev.cairn.master.decide;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.DentryName;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.Removals;
import dev.cairn.master.record.proto.TrashName;
import dev.cairn.master.record.proto.Trashed;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.Check;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The inodes and entries one decision changes, seen over the state it reads. */
final class NamespaceDraft {

  private final MetadataView view;
  private final long now;
  private final Map<Long, Inode> changed = new LinkedHashMap<>();
  private final Set<Long> trashed = new HashSet<>();
  private final Map<DentryName, Dentry> restored = new HashMap<>();
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

  /** The entry as it is by now, or null; seen are those that this decision restored. */
  Dentry present(long parent, ByteString name) {
    DentryName key = DentryName.newBuilder().setParent(parent).setName(name).build();
    Dentry back = restored.get(key);
    return back == null ? view.dentry(parent, name) : back;
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
    change(counted(inode(directory), entries, subdirectories, now).clearRestored().build());
  }

  /** Counts an entry that a directory lost, and remembers how old it was before it lost any. */
  void countRemoved(long directory, int subdirectories) throws CairnException {
    Inode before = inode(directory);
    long mtime = before.getAttributes().getMtime();
    Removals series = before.getRemovals();
    boolean goesOn = before.hasRemovals() && series.getMtimeAfter() == mtime;
    Removals.Builder after =
        Removals.newBuilder()
            .setMtimeBefore(goesOn ? series.getMtimeBefore() : mtime)
            .setMtimeAfter(now);
    change(counted(before, -1, -subdirectories, now).clearRestored().setRemovals(after).build());
  }

  /** Counts an entry that came back, which a directory that came back, too, had all the time. */
  private void countRestored(long directory, int subdirectories) throws CairnException {
    Inode before = inode(directory);
    long mtime = before.getRestored() ? before.getAttributes().getMtime() : now;
    change(counted(before, 1, subdirectories, mtime).build());
  }

  private Inode.Builder counted(Inode inode, int entries, int subdirectories, long mtime) {
    Attributes before = inode.getAttributes();
    Check.that(
        before.getSize() + entries >= 0, "directory %d has too few entries", before.getInode());
    return inode.toBuilder()
        .setAttributes(
            before.toBuilder()
                .setSize(before.getSize() + entries)
                .setLinks(before.getLinks() + subdirectories)
                .setMtime(mtime)
                .setCtime(now));
  }

  /**
   * Takes an entry's name away from its inode. What has no name left goes into the trash, or is an
   * orphan. A directory has one name.
   */
  Inode dropLink(Dentry entry, Defaults defaults) throws CairnException {
    long number = entry.getInode();
    Inode inode = inode(number);
    Attributes before = inode.getAttributes();
    int links = before.getType() == FileType.DIRECTORY ? 0 : before.getLinks() - 1;
    Check.that(links >= 0, "inode %d has a name but no link", number);
    Inode.Builder after =
        inode.toBuilder().setAttributes(before.toBuilder().setLinks(links).setCtime(now));
    if (links == 0) {
      int seconds = defaults.trashSeconds(before);
      if (seconds > 0 || hasTrash(inode)) {
        after.setTrashed(
            Trashed.newBuilder()
                .setParent(entry.getParent())
                .setName(entry.getName())
                .setSince(now)
                .setUntil(now + TimeUnit.SECONDS.toNanos(seconds))
                .setBytes(before.getAllocated()));
        trashed.add(number);
      } else {
        orphan(number);
      }
    }
    Inode dropped = after.build();
    change(dropped);
    return dropped;
  }

  /** Whether the way to something in the trash leads through the inode. */
  private boolean hasTrash(Inode inode) {
    boolean[] found = {false};
    if (inode.getAttributes().getType() == FileType.DIRECTORY) {
      view.trashIn(
          inode.getAttributes().getInode(),
          child -> {
            found[0] = true;
            return false;
          });
    }
    return found[0];
  }

  /** An inode without names: it is taken apart once nobody has it open. */
  void orphan(long number) {
    Orphan orphan = Orphan.newBuilder().setId(number).setSince(now).build();
    records.add(Record.newBuilder().setOrphanAdded(orphan).build());
  }

  /** An orphan that gets a name. */
  void adopt(long number) {
    Orphan orphan = Orphan.newBuilder().setId(number).build();
    records.add(Record.newBuilder().setOrphanRemoved(orphan).build());
  }

  /** Gives what is in the trash a name, and a directory the time it had before it was emptied. */
  void restore(Inode inode, long parent, ByteString name) throws CairnException {
    Attributes before = inode.getAttributes();
    long number = before.getInode();
    boolean directory = before.getType() == FileType.DIRECTORY;
    records.add(trashRemoved(inode));
    Attributes.Builder attributes = before.toBuilder().setLinks(directory ? 2 : 1).setCtime(now);
    Inode.Builder after = inode.toBuilder().clearTrashed();
    if (directory) {
      Removals series = inode.getRemovals();
      if (inode.hasRemovals() && series.getMtimeAfter() == before.getMtime()) {
        attributes.setMtime(series.getMtimeBefore());
      }
      after.setParent(parent).setName(name).clearRemovals().setRestored(true);
    }
    change(after.setAttributes(attributes).build());
    write(parent, name, number, before.getType());
    restored.put(
        DentryName.newBuilder().setParent(parent).setName(name).build(),
        Dentry.newBuilder().setInode(number).setType(before.getType()).build());
    countRestored(parent, directory ? 1 : 0);
  }

  static Record trashRemoved(Inode inode) {
    return Record.newBuilder()
        .setTrashRemoved(
            TrashName.newBuilder()
                .setInode(inode.getAttributes().getInode())
                .setTrashed(inode.getTrashed()))
        .build();
  }

  /** Notes that the inode's name or links changed. */
  void touch(long number) throws CairnException {
    Inode inode = inode(number);
    change(
        inode.toBuilder().setAttributes(inode.getAttributes().toBuilder().setCtime(now)).build());
  }

  List<Record> records() {
    changed.forEach(
        (number, inode) ->
            records.add(
                trashed.contains(number)
                    ? Record.newBuilder().setInodeTrashed(inode).build()
                    : Record.newBuilder().setInodeChanged(inode).build()));
    return records;
  }
}
