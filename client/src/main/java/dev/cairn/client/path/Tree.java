package dev.cairn.client.path;

import com.google.protobuf.ByteString;
import dev.cairn.client.vfs.Vfs;
import dev.cairn.client.vfs.Vfs.DirectoryEntry;
import dev.cairn.client.vfs.Vfs.Listing;
import dev.cairn.rpc.PathComponents;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/** The filesystem by paths. A path that does not begin with a slash begins at the root, too. */
public final class Tree {

  private static final int MOST_SYMLINKS = 40;
  private static final int PAGE_ENTRIES = 1024;
  private static final int MOST_SORTED = 100_000;
  private static final Comparator<DirectoryEntry> BY_NAME =
      Comparator.comparing(DirectoryEntry::name, ByteString.unsignedLexicographicalComparator());
  private static final ByteString DOT = ByteString.copyFromUtf8(".");
  private static final ByteString DOT_DOT = ByteString.copyFromUtf8("..");

  private final Vfs vfs;

  public Tree(Vfs vfs) {
    this.vfs = vfs;
  }

  public Vfs vfs() {
    return vfs;
  }

  /** What the path points at, through symlinks. */
  public Node resolve(String path) throws CairnException {
    return walk(path, components(path), true);
  }

  /** What the path points at; a symlink itself, unless the path ends with a slash. */
  public Node resolveLink(String path) throws CairnException {
    return walk(path, components(path), path.endsWith("/"));
  }

  /** The name the path ends with, and the directory it is in, which must exist. */
  public Place place(String path) throws CairnException {
    List<ByteString> components = components(path);
    ByteString name = components.isEmpty() ? DOT : components.get(components.size() - 1);
    requirePath(path);
    if (components.isEmpty()) {
      throw ErrorCode.INVALID.because(
          Names.printable(path) + ": is the root directory, which is always there");
    }
    if (name.equals(DOT) || name.equals(DOT_DOT)) {
      throw ErrorCode.INVALID.because(
          Names.printable(path) + ": ends with '.' or '..', where a name is needed");
    }
    Node parent = walk(path, components.subList(0, components.size() - 1), true);
    return placeIn(parent, name, path);
  }

  /** A name in a directory. */
  public Place placeIn(Node directory, ByteString name, String path) throws CairnException {
    Attributes present = null;
    if (!directory.isDirectory()) {
      throw ErrorCode.NOT_DIRECTORY.because(Names.printable(path) + ": not a directory");
    }
    try {
      present = Answers.of(vfs.lookup(directory.inode(), name));
    } catch (CairnException e) {
      if (e.code() != ErrorCode.NO_ENTRY) {
        throw PathErrors.at(path, e);
      }
    }
    return new Place(
        path, directory.inode(), name, present == null ? null : new Node(path, present));
  }

  /** The components of a path, empty ones left out. */
  public static List<ByteString> components(String path) {
    return PathComponents.of(Names.bytes(path));
  }

  private static void requirePath(String path) throws CairnException {
    if (path.isEmpty()) {
      throw ErrorCode.INVALID.because("a path is empty: the root directory is '/'");
    }
  }

  private Node walk(String path, List<ByteString> components, boolean followLast)
      throws CairnException {
    requirePath(path);
    Deque<ByteString> ahead = new ArrayDeque<>(components);
    Deque<Attributes> above = new ArrayDeque<>();
    Attributes root = Answers.of(vfs.getAttributes(Vfs.ROOT), path);
    Attributes here = root;
    int symlinks = 0;
    while (!ahead.isEmpty()) {
      ByteString name = ahead.pop();
      if (here.getType() != FileType.DIRECTORY) {
        throw ErrorCode.NOT_DIRECTORY.because(Names.printable(path) + ": not a directory");
      }
      if (name.equals(DOT)) {
        continue;
      }
      if (name.equals(DOT_DOT)) {
        here = above.isEmpty() ? root : above.pop();
        continue;
      }
      Attributes child = Answers.of(vfs.lookup(here.getInode(), name), path);
      if (child.getType() == FileType.SYMLINK && (followLast || !ahead.isEmpty())) {
        if (++symlinks > MOST_SYMLINKS) {
          throw ErrorCode.INVALID.because(Names.printable(path) + ": too many symbolic links");
        }
        ByteString target = Answers.of(vfs.readSymlink(child.getInode()), path);
        if (!target.isEmpty() && target.byteAt(0) == '/') {
          above.clear();
          here = root;
        }
        List<ByteString> detour = PathComponents.of(target);
        for (int i = detour.size() - 1; i >= 0; i--) {
          ahead.push(detour.get(i));
        }
        continue;
      }
      above.push(here);
      here = child;
    }
    return new Node(path, here);
  }

  /** Is given the entries of a directory. */
  @FunctionalInterface
  public interface Visitor {
    void visit(DirectoryEntry entry) throws IOException;
  }

  /** Visits every entry with its attributes, in the order of places; "." and ".." are left out. */
  public void list(Node directory, Visitor visitor) throws IOException {
    long handle = Answers.of(vfs.openDirectory(directory.inode()), directory.path());
    try {
      long cookie = 0;
      boolean end = false;
      while (!end) {
        Listing page =
            Answers.of(vfs.readDirectory(handle, cookie, PAGE_ENTRIES, true), directory.path());
        for (DirectoryEntry entry : page.entries()) {
          if (!entry.name().equals(DOT) && !entry.name().equals(DOT_DOT)) {
            visitor.visit(entry);
          }
        }
        cookie = page.nextCookie(cookie);
        end = page.end();
      }
    } finally {
      Answers.awaitEnd(vfs.releaseDirectory(handle));
    }
  }

  /**
   * Visits like {@link #list}, in the order of the names' bytes. A directory of more entries than
   * memory is meant for comes in no order.
   */
  public void listByName(Node directory, Visitor visitor) throws IOException {
    List<DirectoryEntry> gathered = new ArrayList<>();
    list(
        directory,
        entry -> {
          if (gathered.size() < MOST_SORTED) {
            gathered.add(entry);
            return;
          }
          visitAll(gathered, visitor);
          gathered.add(entry);
        });
    gathered.sort(BY_NAME);
    visitAll(gathered, visitor);
  }

  private static void visitAll(List<DirectoryEntry> entries, Visitor visitor) throws IOException {
    for (DirectoryEntry entry : entries) {
      visitor.visit(entry);
    }
    entries.clear();
  }

  /** The path of an entry, for messages. */
  public static String join(String directory, ByteString name) {
    return (directory.endsWith("/") ? directory : directory + "/") + Names.text(name);
  }
}
