package dev.cairn.master.decide;

import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.RelativeAccessTime;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.Access;
import dev.cairn.rpc.proto.NoteAccessReply;
import dev.cairn.rpc.proto.NoteAccessRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/** Changes times of access as {@code relatime} has it, of many inodes in one step. */
public final class AccessDecider {

  static final int MOST_ACCESSES = 1000;

  private AccessDecider() {}

  public static Decision<NoteAccessReply> note(MetadataView view, NoteAccessRequest request)
      throws CairnException {
    if (request.getAccessesCount() > MOST_ACCESSES) {
      throw ErrorCode.INVALID.because(
          "a request notes " + MOST_ACCESSES + " accesses, not " + request.getAccessesCount());
    }
    Map<Long, Inode> changed = new LinkedHashMap<>();
    for (Access access : request.getAccessesList()) {
      Inode before = changed.getOrDefault(access.getInode(), view.inode(access.getInode()));
      if (before == null) {
        continue;
      }
      long atime = RelativeAccessTime.after(before.getAttributes(), access.getTime());
      if (atime != before.getAttributes().getAtime()) {
        Inode.Builder after = before.toBuilder();
        after.getAttributesBuilder().setAtime(atime);
        changed.put(access.getInode(), after.build());
      }
    }
    return new Decision<>(
        changed.values().stream()
            .map(inode -> Record.newBuilder().setInodeChanged(inode).build())
            .toList(),
        NoteAccessReply.getDefaultInstance());
  }
}
