package dev.cairn.master.fsck;

import com.google.protobuf.ByteString;
import dev.cairn.master.decide.MendDecider;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.TableScan;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.FindingKind;

/** Looks for extents that no file has, and for such that two have. */
final class ExtentMaps {

  private final MetadataView view;
  private final TableScan scan;
  private final Findings findings;
  private final Counts owners;

  /**
   * @param part how many maps are looked at at a time
   */
  ExtentMaps(MetadataView view, TableScan scan, Findings findings, int part) {
    this.view = view;
    this.scan = scan;
    this.findings = findings;
    this.owners = new Counts(part);
  }

  void check() throws CairnException {
    long next = 0;
    do {
      owners.clear();
      scan.extentMapsFrom(next, map -> owners.add(map, 0));
      if (owners.size() > 0) {
        scan.inodesFrom(
            0,
            inode -> {
              owners.increment(inode.getExtentMap());
              return true;
            });
        view.orphans(
            orphan -> {
              if (orphan.getExtentMapOnly()) {
                owners.increment(orphan.getId());
              }
            });
        compare();
        next = owners.next();
      }
    } while (owners.isFull());
  }

  private void compare() throws CairnException {
    for (int i = 0; i < owners.size(); i++) {
      long map = owners.id(i);
      if (owners.count(i) == 0) {
        findings.found(
            Findings.at(
                ByteString.EMPTY,
                FindingKind.WRONG_EXTENT_MAP,
                "extent map " + map + ": no file has it, and its chunks take room",
                Findings.BY_REPAIR),
            (now, time) -> MendDecider.orphanMap(now, map, time));
      } else if (owners.count(i) > 1) {
        findings.found(
            Findings.at(
                ByteString.EMPTY,
                FindingKind.WRONG_EXTENT_MAP,
                "extent map " + map + ": " + owners.count(i) + " files have it",
                "copy these files and delete the originals; please report it as an error of Cairn"));
      }
    }
  }
}
