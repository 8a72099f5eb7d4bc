package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Chunk;
import dev.cairn.master.record.proto.ChunksWritten;
import dev.cairn.master.record.proto.Grant;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.AllocateChunksReply;
import dev.cairn.rpc.proto.AllocateChunksRequest;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.ExtensionGrant;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.ServerAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Lends a session the chunk a file ends with, to go on where it ends, so that a file which is
 * opened for every line appended does not get an extent for each.
 *
 * <p>The chunk is no longer sealed while it is lent, and one session has it at a time: it is the
 * same as one this session writes for the first time. It is lent only when the file ends with the
 * chunk's last committed byte, and when as many living servers hold all of it as would hold a new
 * chunk: the other replicas there may be are too short from then on, and no longer count. That
 * holds because only a chunk is lent that its writer sealed where all its servers ended: where one
 * of them may have more, that replica would count again once the chunk has grown past it, with
 * bytes that nobody committed. For the same reason no chunk is lent that is older than a restore
 * from a backup: servers may have what was appended to it after the backup.
 *
 * <p>That one session writes is not what keeps readers safe: the servers take only what begins
 * where their replica ends, so that of two writers (one of which was cut off, say) one fails at the
 * first server, and goes on in a new chunk.
 */
public final class ExtensionDecider {

  /** Who holds a chunk. */
  public interface Holders {
    /** The living servers with a good replica that take more bytes. */
    List<ServerAddress> of(long chunk) throws CairnException;
  }

  private ExtensionDecider() {}

  /**
   * Lends the chunk, or answers with an empty reply.
   *
   * @param livingServers how many servers there are to hold a new chunk
   */
  public static Decision<AllocateChunksReply> extend(
      MetadataView view, AllocateChunksRequest request, Holders holders, int livingServers)
      throws CairnException {
    long session = request.getContext().getSessionId();
    ExtentRow last = lastExtent(view, request.getExtendInode());
    ChunkRow chunk = last == null ? null : view.chunk(last.chunk());
    if (chunk == null || !fits(view, request, last, chunk)) {
      return none();
    }
    long id = last.chunk();
    Grant own = view.grantOf(session, id);
    if (isLentElsewhere(view, session, id)) {
      return none();
    }
    List<ServerAddress> chain = holders.of(id);
    if (chain.isEmpty() || chain.size() < Math.min(chunk.replicas(), livingServers)) {
      return none();
    }
    ExtensionGrant extension =
        ExtensionGrant.newBuilder()
            .setChunkId(id)
            .setLength(chunk.length())
            .addAllChain(chain)
            .build();
    return new Decision<>(
        records(session, id, chunk, own, chain),
        AllocateChunksReply.newBuilder().setExtension(extension).build());
  }

  private static Decision<AllocateChunksReply> none() {
    return Decision.replyOnly(AllocateChunksReply.getDefaultInstance());
  }

  private static ExtentRow lastExtent(MetadataView view, long number) {
    Inode inode = view.inode(number);
    if (inode == null || inode.getAttributes().getType() != FileType.REGULAR) {
      return null;
    }
    return view.extentEndingAt(inode.getExtentMap(), inode.getAttributes().getSize());
  }

  private static boolean fits(
      MetadataView view, AllocateChunksRequest request, ExtentRow last, ChunkRow chunk) {
    Attributes file = view.inode(request.getExtendInode()).getAttributes();
    return chunk.sealed()
        && !chunk.ragged()
        && Long.compareUnsigned(last.chunk(), view.number(Meta.EXTENDED_FROM)) >= 0
        && last.chunkOffset() + last.length() == chunk.length()
        && chunk.length() < file.getChunkSize()
        && chunk.replicas() == request.getReplicas();
  }

  /**
   * Whether a grant of another session covers the chunk. A session that has ended counts until its
   * grants are cleared away: what is open in them is sealed then, whoever it was lent to since.
   */
  private static boolean isLentElsewhere(MetadataView view, long session, long chunk) {
    Grant grant = view.firstGrantFrom(1);
    while (grant != null) {
      long other = grant.getSession();
      if (other != session && view.grantOf(other, chunk) != null) {
        return true;
      }
      grant = view.firstGrantFrom(other + 1);
    }
    return false;
  }

  private static List<Record> records(
      long session, long id, ChunkRow chunk, Grant own, List<ServerAddress> chain) {
    List<Record> records = new ArrayList<>();
    Chunk unsealed =
        Chunk.newBuilder()
            .setId(id)
            .setReferences(chunk.references())
            .setLength(chunk.length())
            .setReplicas(chunk.replicas())
            .build();
    records.add(
        Record.newBuilder()
            .setChunksWritten(ChunksWritten.newBuilder().addChunks(unsealed))
            .build());
    Grant.Builder grant;
    if (own != null) {
      grant = own.toBuilder().setUnsealed(own.getUnsealed() + 1);
    } else {
      grant = Grant.newBuilder().setSession(session).setFirst(id).setCount(1).setUnsealed(1);
    }
    for (ServerAddress server : chain) {
      if (!grant.getServersList().contains(server.getServerId())) {
        grant.addServers(server.getServerId());
      }
    }
    records.add(Record.newBuilder().setGrantWritten(grant).build());
    return records;
  }
}
