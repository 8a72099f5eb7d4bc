package dev.cairn.master.fsck;

import com.google.protobuf.ByteString;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.decide.MendDecider;
import dev.cairn.master.query.Paths;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Orphan;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.TableScan;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.Finding;
import dev.cairn.rpc.proto.FindingKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts the names of each inode, and looks for inodes that have lost theirs. */
final class LinkCounts {

  private static final int MOST_NAMED = 10_000;

  private final MetadataView view;
  private final TableScan scan;
  private final Findings findings;
  private final Defaults defaults;
  private final Counts names;

  /**
   * @param part how many inodes are counted at a time
   */
  LinkCounts(MetadataView view, TableScan scan, Findings findings, Defaults defaults, int part) {
    this.view = view;
    this.scan = scan;
    this.findings = findings;
    this.defaults = defaults;
    this.names = new Counts(part);
  }

  void check() throws CairnException {
    long next = 0;
    do {
      names.clear();
      scan.inodesFrom(next, inode -> names.add(inode.getAttributes().getInode(), 0));
      if (names.size() > 0) {
        scan.names((parent, name, inode) -> names.increment(inode));
        compare();
        next = names.next();
      }
    } while (names.isFull());
  }

  private void compare() throws CairnException {
    Map<Long, Integer> wrong = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      Inode inode = view.inode(names.id(i));
      Attributes attributes = inode.getAttributes();
      boolean directory = attributes.getType() == FileType.DIRECTORY;
      int named = names.count(i) + (attributes.getInode() == MetadataView.ROOT ? 1 : 0);
      if (named == 0 && attributes.getLinks() > 0) {
        lost(attributes);
      } else if (named == 0) {
        checkKept(inode);
      } else if (!directory && attributes.getLinks() != named && wrong.size() < MOST_NAMED) {
        wrong.put(attributes.getInode(), named);
      }
    }
    if (!wrong.isEmpty()) {
      wrongLinks(wrong);
    }
  }

  private void lost(Attributes inode) throws CairnException {
    long number = inode.getInode();
    findings.found(
        finding(
            number,
            FindingKind.LOST_INODE,
            "it has no name, and " + inode.getLinks() + " links",
            "'cairn fsck --repair' gives it a name in /lost+found"),
        List.of(
            (now, time) -> MendDecider.makeLostAndFound(now, defaults, time),
            (now, time) -> MendDecider.giveName(now, number, inode.getLinks(), time)));
  }

  private static Finding.Builder finding(long inode, FindingKind kind, String what, String advice) {
    return Findings.at(ByteString.EMPTY, kind, "inode " + inode + ": " + what, advice)
        .setInode(inode);
  }

  private void checkKept(Inode inode) throws CairnException {
    long number = inode.getAttributes().getInode();
    boolean waits = view.isOrphan(Orphan.newBuilder().setId(number).build());
    if (!waits && !view.isTrashed(inode)) {
      findings.found(
          finding(
              number,
              FindingKind.LEAKED_INODE,
              "it was deleted, and is neither in the trash nor going to be taken apart",
              Findings.BY_REPAIR),
          (now, time) -> MendDecider.orphan(now, number, time));
    }
  }

  /** Says so with one of the names of each, which are found by another look at all names. */
  private void wrongLinks(Map<Long, Integer> wrong) throws CairnException {
    Map<Long, ByteString> paths = new HashMap<>();
    Paths directories = new Paths(view);
    scan.names(
        (parent, name, inode) -> {
          if (wrong.containsKey(inode)) {
            paths.computeIfAbsent(inode, number -> directories.of(parent, name));
          }
        });
    for (Map.Entry<Long, Integer> entry : wrong.entrySet()) {
      long number = entry.getKey();
      int links = view.inode(number).getAttributes().getLinks();
      findings.found(
          Findings.at(
                  paths.get(number),
                  FindingKind.WRONG_COUNT,
                  "it has " + entry.getValue() + " names, and " + links + " links",
                  Findings.BY_REPAIR)
              .setInode(number),
          (now, time) -> MendDecider.correctCounts(now, number, entry.getValue() - links, 0, 0));
    }
  }
}
