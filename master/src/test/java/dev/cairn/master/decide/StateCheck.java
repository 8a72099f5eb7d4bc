package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Trashed;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.ExtentCursor;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Cursor;
import dev.cairn.master.store.Layout;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Table;
import dev.cairn.master.store.Tables;
import dev.cairn.rpc.proto.FileType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What holds in every state of the master, whatever was done to it. */
public final class StateCheck {

  private final Tables tables;
  private final MetadataView view;
  private final Map<Long, Inode> inodes = new HashMap<>();
  private final Map<Long, Integer> names = new HashMap<>();
  private final Map<Long, Integer> entries = new HashMap<>();
  private final Map<Long, Integer> subdirectories = new HashMap<>();
  private final Map<Long, Integer> references = new HashMap<>();

  private StateCheck(Tables tables) {
    this.tables = tables;
    this.view = new MetadataView(tables);
  }

  public static void check(Tables tables) {
    StateCheck check = new StateCheck(tables);
    check.readInodes();
    check.countEntries();
    check.checkLinks();
    check.checkExtents();
    check.checkChunks();
    check.checkLocks();
    check.checkLeases();
  }

  /** Locks are of sessions that are there, and each is found under its session. */
  private void checkLocks() {
    Set<String> expected = new HashSet<>();
    view.allLocks(
        file -> {
          file.getHeldList()
              .forEach(held -> expected.add(held.getSession() + " in " + file.getInode()));
          file.getWaitingList()
              .forEach(
                  wait -> expected.add(wait.getWanted().getSession() + " in " + file.getInode()));
        });
    Set<String> found = new HashSet<>();
    each(
        Table.LOCKED_FILES,
        (key, value) -> {
          assertNotNull(view.session(Layout.u64At(key, 0)), "a lock is of no session");
          found.add(Layout.u64At(key, 0) + " in " + Layout.u64At(key, 8));
        });
    assertEquals(expected, found, "the files sessions have locks of");
  }

  /** Leases of sessions are of such that are there, and each is found under its session. */
  private void checkLeases() {
    Set<String> expected = new HashSet<>();
    view.leasesFrom(
        0,
        lease -> {
          assertTrue(lease.getId() < view.number(Meta.NEXT_LEASE), "a lease's id is still free");
          return lease.getSession() == 0
              || expected.add(lease.getSession() + " in " + lease.getInode());
        });
    Set<String> found = new HashSet<>();
    each(
        Table.LEASED_FILES,
        (key, value) -> {
          assertNotNull(view.session(Layout.u64At(key, 0)), "a lease is of no session");
          found.add(Layout.u64At(key, 0) + " in " + Layout.u64At(key, 8));
        });
    assertEquals(expected, found, "the files sessions have leases of");
  }

  private void readInodes() {
    each(
        Table.INODES,
        (key, value) -> {
          try {
            inodes.put(Layout.u64At(key, 0), Inode.parseFrom(value));
          } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
          }
        });
    assertEquals(inodes.size(), view.number(Meta.INODE_COUNT), "inode count");
  }

  private void countEntries() {
    each(
        Table.ENTRIES,
        (key, value) -> {
          long parent = Layout.u64At(key, 0);
          long child = Layout.u64At(value, 0);
          assertNotNull(inodes.get(child), "inode " + child + " has a name and no row");
          FileType type = inodes.get(child).getAttributes().getType();
          assertEquals(type.getNumber(), Layout.dentryType(value));
          names.merge(child, 1, Integer::sum);
          entries.merge(parent, 1, Integer::sum);
          if (type == FileType.DIRECTORY) {
            subdirectories.merge(parent, 1, Integer::sum);
            assertEquals(parent, inodes.get(child).getParent(), "parent of " + child);
            assertEquals(Layout.nameInEntry(key), inodes.get(child).getName(), "name of " + child);
          }
        });
  }

  private void checkLinks() {
    Set<Long> orphans = new HashSet<>();
    Set<Long> trashed = checkTrash();
    view.orphans(
        orphan -> {
          if (!orphan.getExtentMapOnly()) {
            orphans.add(orphan.getId());
          }
        });
    inodes.forEach(
        (number, inode) -> {
          int named = names.getOrDefault(number, 0) + (number == MetadataView.ROOT ? 1 : 0);
          boolean waits = orphans.contains(number) != trashed.contains(number);
          assertEquals(named == 0, waits, "orphan or trash " + number);
          int links = named;
          if (inode.getAttributes().getType() == FileType.DIRECTORY) {
            assertEquals(
                (long) entries.getOrDefault(number, 0), inode.getAttributes().getSize(), "entries");
            links = named == 0 ? 0 : 2 + subdirectories.getOrDefault(number, 0);
          }
          assertEquals(links, inode.getAttributes().getLinks(), "links of inode " + number);
        });
  }

  private Set<Long> checkTrash() {
    Set<Long> trashed = new HashSet<>();
    long[] bytes = {0};
    view.trashFrom(
        0,
        0,
        (until, number) -> {
          Trashed place = inodes.get(number).getTrashed();
          assertEquals(until, place.getUntil());
          assertNotNull(inodes.get(place.getParent()), "the way to " + number + " in the trash");
          bytes[0] += place.getBytes();
          return trashed.add(number);
        });
    Set<Long> named = new HashSet<>();
    each(
        Table.TRASH,
        (key, value) -> {
          long number = Layout.inodeOfTrash(key);
          Trashed place = inodes.get(number).getTrashed();
          assertEquals(place.getParent(), Layout.u64At(key, 0));
          named.add(number);
        });
    assertEquals(trashed, named, "both tables of the trash");
    assertEquals(trashed.size(), view.number(Meta.TRASH_COUNT), "trash count");
    assertEquals(bytes[0], view.number(Meta.TRASH_BYTES), "trash bytes");
    return trashed;
  }

  private void checkExtents() {
    Set<Long> maps = new HashSet<>();
    inodes.forEach(
        (number, inode) -> {
          if (inode.getAttributes().getType() == FileType.REGULAR) {
            assertTrue(maps.add(inode.getExtentMap()), "two files share a map");
            long allocated = countExtents(inode.getExtentMap(), inode.getAttributes().getSize());
            // An orphan that is half taken apart has fewer extents than its row says.
            if (inode.getAttributes().getLinks() > 0) {
              assertEquals(inode.getAttributes().getAllocated(), allocated, "allocated");
            }
          }
        });
    view.orphans(
        orphan -> {
          if (orphan.getExtentMapOnly()) {
            assertTrue(maps.add(orphan.getId()), "a given-up map is in use");
            countExtents(orphan.getId(), Long.MAX_VALUE);
          }
        });
    each(
        Table.EXTENTS,
        (key, value) -> assertTrue(maps.contains(Layout.u64At(key, 0)), "a map is nobody's"));
  }

  private long countExtents(long map, long size) {
    long allocated = 0;
    long end = 0;
    try (ExtentCursor extents = view.extents(map)) {
      ExtentRow extent = extents.firstEndingBehind(0);
      while (extent != null) {
        assertTrue(extent.start() >= end, "extents overlap");
        assertTrue(extent.length() > 0 && extent.end() <= size, "extent behind the size");
        end = extent.end();
        allocated += extent.length();
        references.merge(extent.chunk(), 1, Integer::sum);
        ChunkRow chunk = view.chunk(extent.chunk());
        assertNotNull(chunk, "extent of chunk " + extent.chunk() + ", which is not there");
        assertTrue(extent.chunkOffset() + extent.length() <= chunk.length(), "extent in chunk");
        extent = extents.next();
      }
    }
    return allocated;
  }

  private void checkChunks() {
    long[] chunks = {0};
    view.chunksFrom(
        0,
        (id, chunk) -> {
          chunks[0]++;
          assertEquals(references.getOrDefault(id, 0), chunk.references(), "references of " + id);
          assertTrue(chunk.references() > 0 || !chunk.sealed(), "chunk " + id + " is garbage");
          assertEquals(null, view.garbageSince(id));
          return true;
        });
    assertEquals(chunks[0], view.number(Meta.CHUNK_COUNT), "chunk count");
    long[] garbage = {0};
    view.garbageFrom(
        0,
        (id, since, stray) -> {
          garbage[0]++;
          return true;
        });
    assertEquals(garbage[0], view.number(Meta.GARBAGE_COUNT), "garbage count");
  }

  private interface Visitor {
    void visit(byte[] key, byte[] value);
  }

  private void each(Table table, Visitor visitor) {
    try (Cursor rows = tables.cursor(table, Layout.ALL)) {
      for (boolean more = rows.seek(Layout.ALL); more; more = rows.next()) {
        visitor.visit(rows.key(), rows.value());
      }
    }
  }
}
