package dev.cairn.master.decide;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.Xattr;
import dev.cairn.master.record.proto.XattrName;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.RemoveXattrReply;
import dev.cairn.rpc.proto.RemoveXattrRequest;
import dev.cairn.rpc.proto.SetXattrReply;
import dev.cairn.rpc.proto.SetXattrRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Extended attributes: those of applications are kept as they are, those under {@code user.cairn.}
 * are settings of the inode. Kept within the limits of Linux (include/uapi/linux/limits.h).
 */
public final class XattrDecider {

  private static final int MAX_NAME_BYTES = 255;
  private static final int MAX_VALUE_BYTES = 64 << 10;
  private static final int MAX_LIST_BYTES = 64 << 10;

  /** What names begin with: by itself it is none, as xattr_resolve_name in fs/xattr.c has it. */
  private static final Set<ByteString> NAMESPACES =
      Set.of(ByteString.copyFromUtf8("user."), ByteString.copyFromUtf8("trusted."));

  /** Access control lists would have to be enforced, and are not. */
  private static final ByteString SYSTEM = ByteString.copyFromUtf8("system.");

  private final Defaults defaults;

  public XattrDecider(Defaults defaults) {
    this.defaults = defaults;
  }

  public Decision<SetXattrReply> set(MetadataView view, SetXattrRequest request, long now)
      throws CairnException {
    Inode inode = inode(view, request.getInode());
    checkName(request.getName());
    if (request.getName().startsWith(Setting.PREFIX)) {
      Setting setting = settable(request.getName());
      Inode after = withSetting(inode, setting, setting.read(request.getValue()), now);
      return decision(after, List.of(), SetXattrReply.getDefaultInstance());
    }
    if (request.getValue().size() > MAX_VALUE_BYTES) {
      throw ErrorCode.TOO_BIG.because("the value of an extended attribute is over 64 KiB");
    }
    boolean exists = view.xattr(request.getInode(), request.getName()) != null;
    if (exists && request.getCreateOnly()) {
      throw ErrorCode.EXISTS.because("extended attribute " + shown(request.getName()) + " exists");
    }
    if (!exists && request.getReplaceOnly()) {
      throw missing(request.getName());
    }
    if (!exists) {
      checkRoomForName(view, request);
    }
    Xattr xattr =
        Xattr.newBuilder()
            .setInode(request.getInode())
            .setName(request.getName())
            .setValue(request.getValue())
            .build();
    return decision(
        touched(inode, now),
        List.of(Record.newBuilder().setXattrWritten(xattr).build()),
        SetXattrReply.getDefaultInstance());
  }

  public Decision<RemoveXattrReply> remove(MetadataView view, RemoveXattrRequest request, long now)
      throws CairnException {
    Inode inode = inode(view, request.getInode());
    checkName(request.getName());
    if (request.getName().startsWith(Setting.PREFIX)) {
      Setting setting = settable(request.getName());
      boolean directory = inode.getAttributes().getType() == FileType.DIRECTORY;
      int value = setting.ofNothingSet(clusterDefaults(), directory);
      return decision(
          withSetting(inode, setting, value, now),
          List.of(),
          RemoveXattrReply.getDefaultInstance());
    }
    if (view.xattr(request.getInode(), request.getName()) == null) {
      throw missing(request.getName());
    }
    XattrName xattr =
        XattrName.newBuilder().setInode(request.getInode()).setName(request.getName()).build();
    return decision(
        touched(inode, now),
        List.of(Record.newBuilder().setXattrRemoved(xattr).build()),
        RemoveXattrReply.getDefaultInstance());
  }

  /** A name that is not under {@code user.cairn.}, or is that of something shown there. */
  public static CairnException missing(ByteString name) {
    return ErrorCode.NO_ATTRIBUTE.because("there is no extended attribute " + shown(name));
  }

  private static Inode inode(MetadataView view, long number) throws CairnException {
    Inode inode = view.inode(number);
    if (inode == null) {
      throw ErrorCode.STALE.because("inode " + number + " is gone");
    }
    return inode;
  }

  /** Refuses a name that no extended attribute can have. */
  public static void checkName(ByteString name) throws CairnException {
    if (name.isEmpty() || name.size() > MAX_NAME_BYTES) {
      throw ErrorCode.RANGE.because("the name of an extended attribute has 1 to 255 bytes");
    }
    if (NAMESPACES.contains(name)) {
      throw ErrorCode.INVALID.because(
          "'" + shown(name) + "' is no name of an extended attribute: a name follows the dot");
    }
    if (name.startsWith(SYSTEM)) {
      throw ErrorCode.NOT_SUPPORTED.because(shown(name) + " is not supported here");
    }
  }

  private static Setting settable(ByteString name) throws CairnException {
    Setting setting = Setting.named(name);
    if (setting == null) {
      throw ErrorCode.INVALID.because(shown(name) + " cannot be set");
    }
    return setting;
  }

  private static void checkRoomForName(MetadataView view, SetXattrRequest request)
      throws CairnException {
    int[] bytes = {request.getName().size() + 1};
    view.xattrNames(request.getInode(), name -> bytes[0] += name.size() + 1);
    if (bytes[0] > MAX_LIST_BYTES) {
      throw ErrorCode.NO_SPACE.because(
          "inode " + request.getInode() + " has no room for more extended attributes");
    }
  }

  private Inode withSetting(Inode inode, Setting setting, int value, long now)
      throws CairnException {
    Attributes before = inode.getAttributes();
    FileType type = before.getType();
    if (type != FileType.DIRECTORY && type != FileType.REGULAR) {
      throw ErrorCode.INVALID.because("only files and directories have settings");
    }
    boolean changes = setting.get(defaults.inForce(inode)) != value;
    if (setting == Setting.CHUNK_SIZE && type == FileType.REGULAR && before.getSize() > 0) {
      if (changes) {
        throw ErrorCode.INVALID.because("the chunk size of a file that has bytes cannot change");
      }
      return touched(inode, now);
    }
    Attributes.Builder after = before.toBuilder().setCtime(now);
    setting.set(after, value);
    return inode.toBuilder().setAttributes(after).build();
  }

  private Attributes clusterDefaults() {
    return defaults.inForce(Inode.getDefaultInstance());
  }

  private static Inode touched(Inode inode, long now) {
    return inode.toBuilder().setAttributes(inode.getAttributes().toBuilder().setCtime(now)).build();
  }

  private static <R> Decision<R> decision(Inode inode, List<Record> others, R reply) {
    List<Record> records = new ArrayList<>(others);
    records.add(Record.newBuilder().setInodeChanged(inode).build());
    return new Decision<>(records, reply);
  }

  private static String shown(ByteString name) {
    return name.toStringUtf8();
  }
}
