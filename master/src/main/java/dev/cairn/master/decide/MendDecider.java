package dev.cairn.master.decide;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.DentryName;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.FileType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts right what a check of everything found. The check looked at a state that is past by now.
 * What was counted wrong is therefore changed by how much it was wrong, which stays right whatever
 * was done since; all else is looked at again here. Each answers whether it was put right.
 */
public final class MendDecider {

  /** Where inodes go whose names are lost, in the root. */
  public static final ByteString LOST_AND_FOUND = ByteString.copyFromUtf8("lost+found");

  private static final int OWNER_ONLY = 0700;

  private MendDecider() {}

  private static Decision<Boolean> nothing() {
    return Decision.replyOnly(false);
  }

  private static Decision<Boolean> done(Record record) {
    return new Decision<>(List.of(record), true);
  }

  private static Record changed(Inode inode, Attributes.Builder attributes) {
    return Record.newBuilder().setInodeChanged(inode.toBuilder().setAttributes(attributes)).build();
  }

  /** Drops a name of an inode that is not there. */
  public static Decision<Boolean> dropName(MetadataView view, Dentry dangling) {
    long parent = dangling.getParent();
    Dentry now = view.dentry(parent, dangling.getName());
    if (!dangling.equals(now) || view.inode(now.getInode()) != null) {
      return nothing();
    }
    List<Record> records = new ArrayList<>();
    records.add(
        Record.newBuilder()
            .setDentryRemoved(DentryName.newBuilder().setParent(parent).setName(dangling.getName()))
            .build());
    Inode directory = view.inode(parent);
    if (directory != null) {
      int subdirectories = now.getType() == FileType.DIRECTORY ? 1 : 0;
      Attributes before = directory.getAttributes();
      records.add(
          changed(
              directory,
              before.toBuilder()
                  .setSize(Math.max(0, before.getSize() - 1))
                  .setLinks(Math.max(2, before.getLinks() - subdirectories))));
    }
    return new Decision<>(records, true);
  }

  /** Has a name say the type its inode has. */
  public static Decision<Boolean> correctType(MetadataView view, Dentry wrong) {
    Dentry now = view.dentry(wrong.getParent(), wrong.getName());
    Inode inode = now == null ? null : view.inode(now.getInode());
    if (!wrong.equals(now) || inode == null) {
      return nothing();
    }
    return done(
        Record.newBuilder()
            .setDentryWritten(now.toBuilder().setType(inode.getAttributes().getType()))
            .build());
  }

  /** Has a directory say that it is where its only name is. */
  public static Decision<Boolean> correctParent(MetadataView view, Dentry home) {
    Dentry now = view.dentry(home.getParent(), home.getName());
    Inode inode = now == null ? null : view.inode(now.getInode());
    if (!home.equals(now) || inode == null) {
      return nothing();
    }
    Dentry other = view.dentry(inode.getParent(), inode.getName());
    if (other != null && other.getInode() == home.getInode()) {
      return nothing();
    }
    return done(
        Record.newBuilder()
            .setInodeChanged(inode.toBuilder().setParent(home.getParent()).setName(home.getName()))
            .build());
  }

  /**
   * Changes counts of an inode.
   *
   * @param size of a directory: its number of entries
   */
  public static Decision<Boolean> correctCounts(
      MetadataView view, long number, int links, long size, long allocated) {
    Inode inode = view.inode(number);
    if (inode == null) {
      return nothing();
    }
    Attributes before = inode.getAttributes();
    Attributes.Builder after =
        before.toBuilder()
            .setLinks(before.getLinks() + links)
            .setSize(before.getSize() + size)
            .setAllocated(before.getAllocated() + allocated);
    boolean possible = after.getLinks() > 0 && after.getSize() >= 0 && after.getAllocated() >= 0;
    return possible ? done(changed(inode, after)) : nothing();
  }

  /** Changes how many extents refer to a chunk; one that none refers to becomes garbage. */
  public static Decision<Boolean> correctReferences(
      MetadataView view, long id, int change, long now) {
    ChunkRow row = view.chunk(id);
    if (row == null || row.references() + change < 0) {
      return nothing();
    }
    ChunkDraft chunk = new ChunkDraft(id, row);
    chunk.refer(change);
    Map<Long, ChunkDraft> chunks = new LinkedHashMap<>();
    chunks.put(id, chunk);
    List<Record> records = new ArrayList<>();
    ContentDraft.addChunkRecords(chunks, records, now);
    return new Decision<>(records, true);
  }

  /** Has an inode without links taken apart that nothing else keeps. */
  public static Decision<Boolean> orphan(MetadataView view, long number, long now) {
    Orphan orphan = Orphan.newBuilder().setId(number).setSince(now).build();
    Inode inode = view.inode(number);
    boolean leaked =
        inode != null
            && inode.getAttributes().getLinks() == 0
            && !view.isOrphan(orphan)
            && !view.isTrashed(inode);
    return leaked ? done(Record.newBuilder().setOrphanAdded(orphan).build()) : nothing();
  }

  /** Has extents taken apart that no file has; no file will, as their number is never reused. */
  public static Decision<Boolean> orphanMap(MetadataView view, long map, long now) {
    Orphan orphan = Orphan.newBuilder().setId(map).setSince(now).setExtentMapOnly(true).build();
    return view.isOrphan(orphan)
        ? nothing()
        : done(Record.newBuilder().setOrphanAdded(orphan).build());
  }

  /** Makes the directory for inodes whose names are lost, unless something has its name. */
  public static Decision<Boolean> makeLostAndFound(MetadataView view, Defaults defaults, long now)
      throws CairnException {
    if (view.dentry(MetadataView.ROOT, LOST_AND_FOUND) != null) {
      return nothing();
    }
    CreateRequest request =
        CreateRequest.newBuilder()
            .setParent(MetadataView.ROOT)
            .setName(LOST_AND_FOUND)
            .setType(FileType.DIRECTORY)
            .setPermissions(OWNER_ONLY)
            .build();
    return new Decision<>(new CreateDecider(defaults).create(view, request, now).records(), true);
  }

  /**
   * Gives an inode that lost its names one in {@code /lost+found}.
   *
   * @param links it had without a name for them
   */
  public static Decision<Boolean> giveName(MetadataView view, long number, int links, long now)
      throws CairnException {
    Inode inode = view.inode(number);
    Dentry place = view.dentry(MetadataView.ROOT, LOST_AND_FOUND);
    ByteString name = ByteString.copyFromUtf8("inode-" + number);
    boolean possible =
        inode != null
            && inode.getAttributes().getLinks() >= links
            && place != null
            && place.getType() == FileType.DIRECTORY
            && view.dentry(place.getInode(), name) == null;
    if (!possible) {
      return nothing();
    }
    NamespaceDraft draft = new NamespaceDraft(view, now);
    Attributes before = inode.getAttributes();
    boolean directory = before.getType() == FileType.DIRECTORY;
    Inode.Builder after = inode.toBuilder();
    if (directory) {
      after.setParent(place.getInode()).setName(name);
    } else {
      after.setAttributes(before.toBuilder().setLinks(before.getLinks() - links + 1));
    }
    draft.change(after.build());
    draft.write(place.getInode(), name, number, before.getType());
    draft.countEntries(place.getInode(), 1, directory ? 1 : 0);
    return new Decision<>(draft.records(), true);
  }
}
