package dev.cairn.master.state;

import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.DentryName;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.record.proto.TrashName;
import dev.cairn.master.record.proto.Trashed;
import dev.cairn.master.record.proto.Xattr;
import dev.cairn.master.record.proto.XattrName;
import dev.cairn.master.store.Layout;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Table;

/** What records do to inodes, entries, extended attributes, orphans and trash. */
final class NamespaceRows {

  private static final byte[] NOTHING = new byte[0];

  private final Overlay rows;
  private final Counters counters;

  NamespaceRows(Overlay rows, Counters counters) {
    this.rows = rows;
    this.counters = counters;
  }

  boolean created(Inode inode) {
    long number = inode.getAttributes().getInode();
    counters.add(Meta.INODE_COUNT, 1);
    counters.raise(Meta.NEXT_INODE, number + 1);
    return changed(inode);
  }

  boolean changed(Inode inode) {
    long number = inode.getAttributes().getInode();
    counters.raise(Meta.NEXT_INODE, inode.getExtentMap() + 1);
    rows.put(Table.INODES, Layout.u64(number), inode.toByteArray());
    return true;
  }

  boolean deleted(long number) {
    counters.add(Meta.INODE_COUNT, -1);
    rows.delete(Table.INODES, Layout.u64(number));
    return true;
  }

  boolean written(Dentry dentry) {
    rows.put(
        Table.ENTRIES,
        Layout.entryKey(dentry.getParent(), dentry.getName()),
        Layout.dentryValue(dentry.getInode(), dentry.getTypeValue()));
    return true;
  }

  boolean removed(DentryName dentry) {
    rows.delete(Table.ENTRIES, Layout.entryKey(dentry.getParent(), dentry.getName()));
    return true;
  }

  boolean written(Xattr xattr) {
    rows.put(
        Table.XATTRS,
        Layout.named(xattr.getInode(), xattr.getName()),
        xattr.getValue().toByteArray());
    return true;
  }

  boolean removed(XattrName xattr) {
    rows.delete(Table.XATTRS, Layout.named(xattr.getInode(), xattr.getName()));
    return true;
  }

  boolean orphaned(Orphan orphan) {
    rows.put(
        Table.ORPHANS,
        Layout.orphanKey(orphan.getId(), orphan.getExtentMapOnly()),
        orphan.toByteArray());
    return true;
  }

  boolean orphanGone(Orphan orphan) {
    rows.delete(Table.ORPHANS, Layout.orphanKey(orphan.getId(), orphan.getExtentMapOnly()));
    return true;
  }

  boolean trashed(Inode inode) {
    long number = inode.getAttributes().getInode();
    Trashed trashed = inode.getTrashed();
    counters.add(Meta.TRASH_COUNT, 1);
    counters.add(Meta.TRASH_BYTES, trashed.getBytes());
    rows.put(Table.TRASH, key(number, trashed), NOTHING);
    rows.put(Table.TRASH_TIMES, Layout.pair(trashed.getUntil(), number), NOTHING);
    return changed(inode);
  }

  boolean trashGone(TrashName entry) {
    Trashed trashed = entry.getTrashed();
    counters.add(Meta.TRASH_COUNT, -1);
    counters.add(Meta.TRASH_BYTES, -trashed.getBytes());
    rows.delete(Table.TRASH, key(entry.getInode(), trashed));
    rows.delete(Table.TRASH_TIMES, Layout.pair(trashed.getUntil(), entry.getInode()));
    return true;
  }

  private static byte[] key(long inode, Trashed trashed) {
    return Layout.trashKey(trashed.getParent(), trashed.getName(), trashed.getSince(), inode);
  }
}
