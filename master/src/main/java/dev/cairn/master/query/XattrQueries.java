package dev.cairn.master.query;

import com.google.protobuf.ByteString;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.decide.Setting;
import dev.cairn.master.decide.XattrDecider;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.ExtentCursor;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Snapshot;
import dev.cairn.master.store.Store;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.GetXattrReply;
import dev.cairn.rpc.proto.GetXattrRequest;
import dev.cairn.rpc.proto.ListXattrsReply;
import dev.cairn.rpc.proto.ListXattrsRequest;
import java.util.StringJoiner;

/**
 * Extended attributes. The filesystem's own can be read and are not listed: what copies all that is
 * listed, as {@code cp -a} does, would else carry one file's settings and chunks to another.
 */
public final class XattrQueries {

  /** Linux has 64 KiB for a value; the list of chunks ends in time with a line that says so. */
  private static final int MOST_CHUNK_LIST_BYTES = 60 << 10;

  private final Store store;
  private final Defaults defaults;
  private final Fleet fleet;
  private final ReplicaMap replicas;
  private final LeaseQueries leases;

  public XattrQueries(
      Store store, Defaults defaults, Fleet fleet, ReplicaMap replicas, LeaseQueries leases) {
    this.store = store;
    this.defaults = defaults;
    this.fleet = fleet;
    this.replicas = replicas;
    this.leases = leases;
  }

  public GetXattrReply get(GetXattrRequest request) throws CairnException {
    XattrDecider.checkName(request.getName());
    try (Snapshot snapshot = store.snapshot()) {
      MetadataView view = new MetadataView(snapshot);
      ByteString value =
          request.getName().startsWith(Setting.PREFIX)
              ? own(view, NamespaceQueries.inode(view, request.getInode()), request.getName())
              : view.xattr(request.getInode(), request.getName());
      if (value == null) {
        NamespaceQueries.inode(view, request.getInode());
        throw XattrDecider.missing(request.getName());
      }
      return GetXattrReply.newBuilder().setValue(value).build();
    }
  }

  private ByteString own(MetadataView view, Inode inode, ByteString name) {
    FileType type = inode.getAttributes().getType();
    Setting setting = Setting.named(name);
    if (setting != null && (type == FileType.REGULAR || type == FileType.DIRECTORY)) {
      return setting.show(inode, defaults);
    }
    if (name.equals(Setting.LEASE)) {
      return leases.shown(view, inode.getAttributes().getInode());
    }
    return name.equals(Setting.CHUNKS) && type == FileType.REGULAR ? chunks(view, inode) : null;
  }

  private ByteString chunks(MetadataView view, Inode inode) {
    StringBuilder lines = new StringBuilder("# offset length chunk servers\n");
    try (ExtentCursor extents = view.extents(inode.getExtentMap())) {
      ExtentRow extent = extents.firstEndingBehind(0);
      while (extent != null) {
        if (lines.length() > MOST_CHUNK_LIST_BYTES) {
          lines.append("...\n");
          break;
        }
        lines
            .append(extent.start())
            .append(' ')
            .append(extent.length())
            .append(' ')
            .append(extent.chunk())
            .append(' ')
            .append(servers(extent.chunk()))
            .append('\n');
        extent = extents.next();
      }
    }
    return ByteString.copyFromUtf8(lines.toString());
  }

  private String servers(long chunk) {
    StringJoiner servers = new StringJoiner(",").setEmptyValue("none");
    replicas.location(chunk).getServerIdsList().forEach(id -> servers.add(fleet.shown(id)));
    return servers.toString();
  }

  public ListXattrsReply list(ListXattrsRequest request) throws CairnException {
    try (Snapshot snapshot = store.snapshot()) {
      MetadataView view = new MetadataView(snapshot);
      NamespaceQueries.inode(view, request.getInode());
      ListXattrsReply.Builder reply = ListXattrsReply.newBuilder();
      view.xattrNames(request.getInode(), reply::addNames);
      return reply.build();
    }
  }
}
