package dev.cairn.master.query;

import dev.cairn.master.decide.Defaults;
import dev.cairn.master.decide.LeaseDecider;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.state.ExtentCursor;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Snapshot;
import dev.cairn.master.store.Store;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.ExtentMap;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.GetExtentsReply;
import dev.cairn.rpc.proto.GetExtentsRequest;
import dev.cairn.rpc.proto.OpenReply;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What readers of files need to know. */
public final class ContentQueries {

  private static final int MOST_EXTENTS_AT_OPEN = 512;
  private static final int MOST_EXTENTS = 8192;
  private static final long TO_THE_END = -1;

  private final Store store;
  private final Defaults defaults;
  private final ReplicaMap replicas;

  public ContentQueries(Store store, Defaults defaults, ReplicaMap replicas) {
    this.store = store;
    this.defaults = defaults;
    this.replicas = replicas;
  }

  /** Counts the inode as open by the session, then answers how it is. */
  public OpenReply open(LiveSession session, long number, boolean write) throws CairnException {
    boolean opened = session.open(number);
    boolean written = write && session.write(number);
    boolean answered = false;
    try (Snapshot snapshot = store.snapshot()) {
      MetadataView view = new MetadataView(snapshot);
      Inode inode = NamespaceQueries.inode(view, number);
      Attributes attributes = inode.getAttributes();
      if (attributes.getLinks() == 0 && opened) {
        throw ErrorCode.STALE.because("inode " + number + " was removed");
      }
      if (write) {
        LeaseDecider.checkMayWrite(view, number, session.id());
      }
      OpenReply.Builder reply =
          OpenReply.newBuilder()
              .setAttributes(defaults.inForce(inode))
              .setLease(LeaseDecider.heldBy(view, number, session.id()));
      if (attributes.getType() == FileType.REGULAR) {
        reply.setMap(map(view, inode, 0, MOST_EXTENTS_AT_OPEN));
      }
      answered = true;
      return reply.build();
    } finally {
      if (opened && !answered) {
        session.closed(List.of(number));
      } else if (written && !answered) {
        session.notWritten(number);
      }
    }
  }

  public GetExtentsReply extents(GetExtentsRequest request) throws CairnException {
    int limit = request.getLimit() <= 0 ? MOST_EXTENTS : Math.min(request.getLimit(), MOST_EXTENTS);
    try (Snapshot snapshot = store.snapshot()) {
      MetadataView view = new MetadataView(snapshot);
      Inode inode = NamespaceQueries.inode(view, request.getInode());
      return GetExtentsReply.newBuilder()
          .setMap(map(view, inode, request.getFromOffset(), limit))
          .setSize(inode.getAttributes().getSize())
          .setDataVersion(inode.getAttributes().getDataVersion())
          .build();
    }
  }

  private ExtentMap map(MetadataView view, Inode inode, long from, int limit) {
    if (from < 0 || from >= inode.getAttributes().getSize()) {
      return ExtentMap.newBuilder().setCompleteTo(TO_THE_END).build();
    }
    ExtentMap.Builder map = ExtentMap.newBuilder();
    Set<Long> chunks = new HashSet<>();
    try (ExtentCursor extents = view.extents(inode.getExtentMap())) {
      ExtentRow extent = extents.firstEndingBehind(from);
      while (extent != null && map.getExtentsCount() < limit) {
        map.addExtents(extent.toProto());
        if (chunks.add(extent.chunk())) {
          map.addLocations(replicas.location(extent.chunk()));
        }
        extent = extents.next();
      }
      // What lies between the last extent given and the next one there is a hole.
      return map.setCompleteTo(extent == null ? TO_THE_END : extent.start()).build();
    }
  }
}
