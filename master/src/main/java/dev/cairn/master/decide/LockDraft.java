package dev.cairn.master.decide;

import dev.cairn.master.lock.LockOwner;
import dev.cairn.master.lock.LockTable;
import dev.cairn.master.lock.WaitGraph;
import dev.cairn.master.record.proto.FileLocks;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The locks of the files that a decision reads and changes. Each file is read once. */
final class LockDraft {

  private final MetadataView view;
  private final Map<Long, LockTable> tables = new LinkedHashMap<>();
  private final Map<Long, List<LockTable>> waitsOfSessions = new HashMap<>();

  /** The files changed so far, in which the view may not know of a wait yet. */
  private final Set<LockTable> changed = new LinkedHashSet<>();

  private final WaitGraph graph = new WaitGraph(this::waits);

  LockDraft(MetadataView view) {
    this.view = view;
  }

  LockTable table(long inode) {
    return tables.computeIfAbsent(
        inode,
        key -> {
          FileLocks row = view.locks(key);
          return row == null ? new LockTable(key) : LockTable.of(row);
        });
  }

  WaitGraph graph() {
    return graph;
  }

  private Collection<LockTable> waits(LockOwner owner) {
    List<LockTable> stored = waitsOfSessions.computeIfAbsent(owner.session(), this::waitsOfSession);
    if (changed.isEmpty()) {
      return stored;
    }
    Set<LockTable> all = new LinkedHashSet<>(changed);
    all.addAll(stored);
    return all;
  }

  private List<LockTable> waitsOfSession(long session) {
    List<LockTable> files = new ArrayList<>();
    view.lockedFiles(
        session,
        (inode, waits) -> {
          if (waits) {
            files.add(table(inode));
          }
        });
    return files;
  }

  /** Queues a wait, and lets others overtake where the new wait would keep them for ever. */
  void queue(LockTable table, LockTable.Wait wait) {
    table.queue(wait);
    settle(table);
    List<LockTable> circle = new ArrayList<>(graph.circleOf(wait.wanted().owner()));
    circle.forEach(this::settle);
  }

  /** Grants the waits of a changed file that may be granted now. */
  void settle(LockTable table) {
    changed.add(table);
    table.grantWaiting(graph);
  }

  /** The files that are not as they were. */
  List<Record> records() {
    List<Record> records = new ArrayList<>();
    for (LockTable table : changed) {
      FileLocks after = table.toRow();
      FileLocks before = view.locks(after.getInode());
      boolean same = before == null ? table.size() == 0 : before.equals(after);
      if (!same) {
        records.add(Record.newBuilder().setFileLocksChanged(after).build());
      }
    }
    return records;
  }
}
