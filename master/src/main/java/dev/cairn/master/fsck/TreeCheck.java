package dev.cairn.master.fsck;

import com.google.protobuf.ByteString;
import dev.cairn.master.decide.MendDecider;
import dev.cairn.master.record.proto.Dentry;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.FindingKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/** Checks names and what they name, from a directory downwards: memory grows with the depth. */
final class TreeCheck {

  static final ByteString SLASH = ByteString.copyFromUtf8("/");
  private static final int ENTRIES_PER_PAGE = 512;

  private final MetadataView view;
  private final ContentCheck content;
  private final Findings findings;
  private final Deque<Directory> open = new ArrayDeque<>();
  private long nameCount;
  private long inodeCount;

  TreeCheck(MetadataView view, ContentCheck content, Findings findings) {
    this.view = view;
    this.content = content;
    this.findings = findings;
  }

  long nameCount() {
    return nameCount;
  }

  long inodeCount() {
    return inodeCount;
  }

  /** A directory on the way down, and how far it is checked. */
  private final class Directory {

    private final ByteString path;
    private final Inode inode;
    private final Deque<Dentry> page = new ArrayDeque<>();
    private ByteString last;
    private boolean ended;
    private long entries;
    private int subdirectories;

    Directory(ByteString path, Inode inode) {
      this.path = path;
      this.inode = inode;
    }

    /** The next entry, or null. */
    Dentry next() {
      if (page.isEmpty() && !ended) {
        List<Dentry> read = new ArrayList<>();
        Predicate<Dentry> reader =
            dentry -> {
              read.add(dentry);
              return read.size() < ENTRIES_PER_PAGE;
            };
        long number = inode.getAttributes().getInode();
        if (last == null) {
          view.dentries(number, reader);
        } else {
          view.dentriesBehind(number, last, reader);
        }
        ended = read.size() < ENTRIES_PER_PAGE;
        page.addAll(read);
      }
      Dentry dentry = page.poll();
      if (dentry != null) {
        last = dentry.getName();
        entries++;
        subdirectories += dentry.getType() == FileType.DIRECTORY ? 1 : 0;
      }
      return dentry;
    }

    /** Compares what it says of its entries with what they were counted to be. */
    void checkCounts() throws CairnException {
      Attributes said = inode.getAttributes();
      int links = 2 + subdirectories;
      if (said.getSize() == entries && said.getLinks() == links) {
        return;
      }
      findings.found(
          Findings.at(
                  path.isEmpty() ? SLASH : path,
                  FindingKind.WRONG_COUNT,
                  String.format(
                      "it has %d entries and %d directories in it, and says %d and %d",
                      entries, subdirectories, said.getSize(), said.getLinks() - 2),
                  Findings.BY_REPAIR)
              .setInode(said.getInode()),
          (now, time) ->
              MendDecider.correctCounts(
                  now, said.getInode(), links - said.getLinks(), entries - said.getSize(), 0));
    }
  }

  /** Checks what has the path, and all below it. */
  void check(ByteString path, Inode top) throws CairnException {
    visit(path, top);
    while (!open.isEmpty()) {
      Directory directory = open.peek();
      Dentry entry = directory.next();
      if (entry == null) {
        directory.checkCounts();
        open.pop();
      } else {
        check(directory, entry);
      }
    }
  }

  private void visit(ByteString path, Inode inode) throws CairnException {
    inodeCount++;
    if (inode.getAttributes().getType() == FileType.DIRECTORY) {
      open.push(new Directory(path, inode));
    } else if (inode.getAttributes().getType() == FileType.REGULAR) {
      content.check(path, inode);
    }
  }

  private void check(Directory directory, Dentry entry) throws CairnException {
    nameCount++;
    ByteString path = directory.path.concat(SLASH).concat(entry.getName());
    Inode inode = view.inode(entry.getInode());
    if (inode == null) {
      findings.found(
          Findings.at(
              path,
              FindingKind.DANGLING_NAME,
              "it names inode " + entry.getInode() + ", which is not there",
              "'cairn fsck --repair' removes the name"),
          (now, time) -> MendDecider.dropName(now, entry));
      return;
    }
    FileType type = inode.getAttributes().getType();
    if (type != entry.getType()) {
      findings.found(
          Findings.at(
                  path,
                  FindingKind.WRONG_TYPE,
                  "its name says another type than its inode",
                  Findings.BY_REPAIR)
              .setInode(entry.getInode()),
          (now, time) -> MendDecider.correctType(now, entry));
    }
    if (type != FileType.DIRECTORY || isHere(path, inode, entry)) {
      visit(path, inode);
    }
  }

  /** Whether a directory is where it says it is; one that has another name is checked there. */
  private boolean isHere(ByteString path, Inode directory, Dentry entry) throws CairnException {
    boolean unnamed = directory.getName().isEmpty();
    if (directory.getParent() == entry.getParent()
        && (unnamed || directory.getName().equals(entry.getName()))) {
      return true;
    }
    Dentry other = view.dentry(directory.getParent(), directory.getName());
    boolean twice = other != null && other.getInode() == entry.getInode();
    findings.found(
        Findings.at(
                path,
                FindingKind.WRONG_PARENT,
                twice ? "this directory has another name, too" : "it says it is somewhere else",
                twice ? "please report it as an error of Cairn" : Findings.BY_REPAIR)
            .setInode(entry.getInode()),
        twice ? List.of() : List.of((now, time) -> MendDecider.correctParent(now, entry)));
    return !twice;
  }
}
