package dev.cairn.master.decide;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A filesystem in memory, as simple as can be: what the deciders are compared with. A file's
 * content is an array that names, for each byte, the chunk and the place in it that the byte is
 * from (0: a hole). Each operation answers null, or the error it is refused with.
 */
final class ModelFilesystem {

  static final long ROOT = 1;

  /** A file, directory or symlink. */
  static final class Node {
    final FileType type;
    final Map<ByteString, Long> entries =
        new TreeMap<>(ByteString.unsignedLexicographicalComparator());
    long parent;
    int links;
    long[] content = new long[0];

    Node(FileType type, long parent) {
      this.type = type;
      this.parent = parent;
      this.links = type == FileType.DIRECTORY ? 2 : 1;
    }

    boolean isDirectory() {
      return type == FileType.DIRECTORY;
    }
  }

  /** Where something in the trash was. */
  record Place(long parent, ByteString name) {}

  final Map<Long, Node> nodes = new HashMap<>();

  /** In the order in which it was deleted. */
  final Map<Long, Place> trash = new LinkedHashMap<>();

  ModelFilesystem() {
    nodes.put(ROOT, new Node(FileType.DIRECTORY, ROOT));
  }

  Node node(long number) {
    return nodes.get(number);
  }

  /** The child of that name, or null. */
  Long child(long parent, ByteString name) {
    return nodes.get(parent).entries.get(name);
  }

  private ErrorCode checkDirectory(long number) {
    Node node = nodes.get(number);
    if (node == null) {
      return ErrorCode.STALE;
    }
    if (!node.isDirectory()) {
      return ErrorCode.NOT_DIRECTORY;
    }
    return node.links == 0 ? ErrorCode.NO_ENTRY : null;
  }

  ErrorCode create(long parent, ByteString name, FileType type, boolean exclusive) {
    ErrorCode refused = checkDirectory(parent);
    if (refused != null) {
      return refused;
    }
    Long there = child(parent, name);
    if (there == null) {
      return null;
    }
    if (exclusive || type != FileType.REGULAR) {
      return ErrorCode.EXISTS;
    }
    return switch (nodes.get(there).type) {
      case REGULAR -> null;
      case DIRECTORY -> ErrorCode.IS_DIRECTORY;
      default -> ErrorCode.EXISTS;
    };
  }

  /** Takes over what {@link #create} allowed. */
  void created(long parent, ByteString name, FileType type, long number) {
    nodes.put(number, new Node(type, parent));
    nodes.get(parent).entries.put(name, number);
    nodes.get(parent).links += type == FileType.DIRECTORY ? 1 : 0;
  }

  ErrorCode link(long number, long parent, ByteString name) {
    ErrorCode refused = checkDirectory(parent);
    if (refused != null) {
      return refused;
    }
    Node node = nodes.get(number);
    if (node == null) {
      return ErrorCode.STALE;
    }
    if (node.isDirectory()) {
      return ErrorCode.NOT_PERMITTED;
    }
    if (node.links == 0) {
      return ErrorCode.NO_ENTRY;
    }
    if (child(parent, name) != null) {
      return ErrorCode.EXISTS;
    }
    node.links++;
    nodes.get(parent).entries.put(name, number);
    return null;
  }

  ErrorCode remove(long parent, ByteString name, boolean directory) {
    ErrorCode refused = checkDirectory(parent);
    if (refused != null) {
      return refused;
    }
    Long number = child(parent, name);
    if (number == null) {
      return ErrorCode.NO_ENTRY;
    }
    Node node = nodes.get(number);
    if (node.isDirectory() != directory) {
      return directory ? ErrorCode.NOT_DIRECTORY : ErrorCode.IS_DIRECTORY;
    }
    if (!node.entries.isEmpty()) {
      return ErrorCode.NOT_EMPTY;
    }
    nodes.get(parent).entries.remove(name);
    drop(parent, name, number);
    return null;
  }

  private void drop(long parent, ByteString name, long number) {
    Node node = nodes.get(number);
    if (node.isDirectory()) {
      node.links = 0;
      nodes.get(parent).links--;
    } else {
      node.links--;
    }
    if (node.links == 0) {
      trash.put(number, new Place(parent, name));
    }
  }

  /** Takes something out of the trash, with the directories above. */
  ErrorCode restore(long number, boolean newestOnly) {
    Place place = trash.get(number);
    if (place == null) {
      boolean back = nodes.containsKey(number) && nodes.get(number).links > 0;
      return back && newestOnly ? null : ErrorCode.NO_ENTRY;
    }
    if (newestOnly && last(place) != number) {
      return ErrorCode.EXISTS;
    }
    long home = home(place.parent());
    if (home == 0 || child(home, place.name()) != null) {
      return ErrorCode.EXISTS;
    }
    putBack(number, home, place.name());
    return null;
  }

  private long last(Place place) {
    long last = 0;
    for (Map.Entry<Long, Place> entry : trash.entrySet()) {
      last = entry.getValue().equals(place) ? entry.getKey() : last;
    }
    return last;
  }

  private long home(long number) {
    Place place = trash.get(number);
    if (place == null) {
      return number;
    }
    long above = home(place.parent());
    if (above == 0) {
      return 0;
    }
    Long present = child(above, place.name());
    if (present != null) {
      return nodes.get(present).isDirectory() ? present : 0;
    }
    long back = nodes.get(last(place)).isDirectory() ? last(place) : number;
    putBack(back, above, place.name());
    return back;
  }

  private void putBack(long number, long parent, ByteString name) {
    Node node = nodes.get(number);
    trash.remove(number);
    node.parent = parent;
    node.links = node.isDirectory() ? 2 : 1;
    nodes.get(parent).links += node.isDirectory() ? 1 : 0;
    nodes.get(parent).entries.put(name, number);
  }

  ErrorCode rename(long parent, ByteString name, long newParent, ByteString newName, int flags) {
    ErrorCode refused = checkDirectory(parent);
    if (refused == null) {
      refused = checkDirectory(newParent);
    }
    if (refused != null) {
      return refused;
    }
    Long from = child(parent, name);
    Long to = child(newParent, newName);
    if (from == null || (flags == 2 && to == null)) {
      return ErrorCode.NO_ENTRY;
    }
    if (flags == 1 && to != null) {
      return ErrorCode.EXISTS;
    }
    if (from.equals(to)) {
      return null;
    }
    Node moved = nodes.get(from);
    Node target = to == null ? null : nodes.get(to);
    if (moved.isDirectory() && isWithin(newParent, from)) {
      return ErrorCode.INVALID;
    }
    if (flags == 2) {
      return exchange(parent, name, newParent, newName, from, to);
    }
    if (target != null) {
      if (moved.isDirectory() != target.isDirectory()) {
        return moved.isDirectory() ? ErrorCode.NOT_DIRECTORY : ErrorCode.IS_DIRECTORY;
      }
      if (!target.entries.isEmpty()) {
        return ErrorCode.NOT_EMPTY;
      }
      drop(newParent, newName, to);
    }
    nodes.get(parent).entries.remove(name);
    nodes.get(newParent).entries.put(newName, from);
    moveDirectory(moved, parent, newParent);
    return null;
  }

  private ErrorCode exchange(
      long parent, ByteString name, long newParent, ByteString newName, long from, long to) {
    if (nodes.get(to).isDirectory() && isWithin(parent, to)) {
      return ErrorCode.INVALID;
    }
    nodes.get(parent).entries.put(name, to);
    nodes.get(newParent).entries.put(newName, from);
    moveDirectory(nodes.get(from), parent, newParent);
    moveDirectory(nodes.get(to), newParent, parent);
    return null;
  }

  private void moveDirectory(Node moved, long parent, long newParent) {
    if (moved.isDirectory()) {
      nodes.get(parent).links--;
      nodes.get(newParent).links++;
      moved.parent = newParent;
    }
  }

  private boolean isWithin(long directory, long ancestor) {
    long at = directory;
    while (at != ancestor && at != ROOT) {
      at = nodes.get(at).parent;
    }
    return at == ancestor;
  }

  /** Puts bytes of a chunk into a file; the file grows as needed. */
  void put(long number, int offset, int length, long chunk, int chunkOffset) {
    Node node = nodes.get(number);
    grow(node, offset + length);
    for (int i = 0; i < length; i++) {
      node.content[offset + i] = cell(chunk, chunkOffset + i);
    }
  }

  static long cell(long chunk, long chunkOffset) {
    return (chunk << 20) | (chunkOffset + 1);
  }

  void grow(Node node, int size) {
    if (size > node.content.length) {
      node.content = Arrays.copyOf(node.content, size);
    }
  }

  void truncate(long number, int size) {
    Node node = nodes.get(number);
    node.content = Arrays.copyOf(node.content, size);
  }

  void punch(long number, int offset, int length) {
    Node node = nodes.get(number);
    int end = Math.min(node.content.length, offset + length);
    if (offset < end) {
      Arrays.fill(node.content, offset, end, 0);
    }
  }

  void copy(long source, int offset, long target, int targetOffset, int kept) {
    if (kept == 0) {
      return;
    }
    Node from = nodes.get(source);
    long[] part = Arrays.copyOfRange(from.content, offset, offset + kept);
    Node to = nodes.get(target);
    grow(to, targetOffset + kept);
    System.arraycopy(part, 0, to.content, targetOffset, kept);
  }
}
