package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Grant;
import dev.cairn.master.record.proto.GrantRange;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The grants of one session, as far as one commit asks for them, and what it uses up of them. */
final class GrantedChunks {

  private final MetadataView view;
  private final long session;

  /** By first chunk id. */
  private final Map<Long, Grant> used = new LinkedHashMap<>();

  private Grant latest;

  GrantedChunks(MetadataView view, long session) {
    this.view = view;
    this.session = session;
  }

  /** Whether the session may write the chunk. */
  boolean contains(long chunk) {
    if (latest == null || !covers(latest, chunk)) {
      Grant found = view.grantOf(session, chunk);
      if (found == null) {
        return false;
      }
      latest = found;
    }
    return true;
  }

  private static boolean covers(Grant grant, long chunk) {
    return chunk >= grant.getFirst() && chunk < grant.getFirst() + grant.getCount();
  }

  /** Whether a chunk of the grants that has no row was not one before, and is garbage since. */
  boolean isUnused(long chunk) {
    boolean noneSealed = contains(chunk) && latest.getUnsealed() == latest.getCount();
    return noneSealed || view.garbageSince(chunk) == null;
  }

  /** One chunk of its grant is sealed now. */
  void seal(long chunk) {
    if (!contains(chunk)) {
      return;
    }
    Grant grant = used.getOrDefault(latest.getFirst(), latest);
    used.put(grant.getFirst(), grant.toBuilder().setUnsealed(grant.getUnsealed() - 1).build());
  }

  /** Adds what becomes of the grants: one that is used up goes. */
  void addRecords(List<Record> records) {
    for (Grant grant : used.values()) {
      if (grant.getUnsealed() > 0) {
        records.add(Record.newBuilder().setGrantWritten(grant).build());
      } else {
        records.add(Record.newBuilder().setGrantRemoved(range(grant)).build());
      }
    }
  }

  static GrantRange range(Grant grant) {
    return GrantRange.newBuilder()
        .setSession(grant.getSession())
        .setFirst(grant.getFirst())
        .setCount(grant.getCount())
        .build();
  }
}
