package dev.cairn.client.cluster;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.FindTrashReply;
import dev.cairn.rpc.proto.ListTrashReply;
import dev.cairn.rpc.proto.ListTrashRequest;
import dev.cairn.rpc.proto.RestoreTrashRequest;
import dev.cairn.rpc.proto.TrashEntry;
import dev.cairn.rpc.proto.TrashOutcome;
import java.io.IOException;
import java.util.List;

/** What was deleted in a cluster and is kept for a time. To be closed. */
public interface Trash extends AutoCloseable {

  /** Is given the entries, a page at a time. */
  @FunctionalInterface
  interface Visitor {
    void visit(List<TrashEntry> entries) throws IOException;
  }

  ListTrashReply page(ListTrashRequest request) throws CairnException;

  /** What a path points at, by names that are there and by such that were deleted. */
  FindTrashReply find(ByteString path) throws CairnException;

  /** At most 1000 entries at a time; answers one outcome for each. */
  List<TrashOutcome> restore(RestoreTrashRequest request) throws CairnException;

  /** Lets go of at most 1000 entries; answers how many are gone. */
  int empty(List<Long> inodes) throws CairnException;

  /** Visits the entries that match the request, those first that will be let go first. */
  default void each(ListTrashRequest wanted, Visitor visitor) throws IOException {
    ListTrashRequest request = wanted;
    boolean more = true;
    while (more) {
      ListTrashReply page = page(request);
      if (page.getEntriesCount() > 0) {
        visitor.visit(page.getEntriesList());
      }
      more = !page.getEnd();
      request =
          request.toBuilder()
              .setAfterUntil(page.getNextUntil())
              .setAfterInode(page.getNextInode())
              .build();
    }
  }

  @Override
  void close();
}
