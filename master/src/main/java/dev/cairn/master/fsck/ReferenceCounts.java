package dev.cairn.master.fsck;

import com.google.protobuf.ByteString;
import dev.cairn.master.decide.MendDecider;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.TableScan;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.FindingKind;

/** Counts how many extents refer to each chunk: too few would lose data, too many keep garbage. */
final class ReferenceCounts {

  private final MetadataView view;
  private final TableScan scan;
  private final Findings findings;
  private final Counts differences;
  private long chunkCount;

  /**
   * @param part how many chunks are counted at a time
   */
  ReferenceCounts(MetadataView view, TableScan scan, Findings findings, int part) {
    this.view = view;
    this.scan = scan;
    this.findings = findings;
    this.differences = new Counts(part);
  }

  long chunkCount() {
    return chunkCount;
  }

  void check() throws CairnException {
    long next = 0;
    do {
      differences.clear();
      view.chunksFrom(next, (id, row) -> differences.add(id, -row.references()));
      chunkCount += differences.size();
      if (differences.size() > 0) {
        scan.chunksOfExtents(differences::increment);
        compare();
        next = differences.next();
      }
    } while (differences.isFull());
  }

  private void compare() throws CairnException {
    for (int i = 0; i < differences.size(); i++) {
      long id = differences.id(i);
      int difference = differences.count(i);
      ChunkRow row = view.chunk(id);
      if (difference != 0) {
        found(
            id,
            difference,
            "it is said to have "
                + row.references()
                + " extents, and has "
                + (row.references() + difference));
      } else if (row.references() == 0 && row.sealed()) {
        found(id, 0, "it has no extents, and is not garbage");
      }
    }
  }

  private void found(long id, int difference, String what) throws CairnException {
    findings.found(
        Findings.at(
                ByteString.EMPTY,
                FindingKind.WRONG_REFERENCES,
                "chunk " + id + ": " + what,
                Findings.BY_REPAIR)
            .setChunkId(id),
        (now, time) -> MendDecider.correctReferences(now, id, difference, time));
  }
}
