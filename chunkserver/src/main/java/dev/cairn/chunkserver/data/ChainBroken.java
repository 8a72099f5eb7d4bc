package dev.cairn.chunkserver.data;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.Failure;

/** Something failed behind this server; says what, and on which one. */
final class ChainBroken extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient Failure failure;

  ChainBroken(Failure failure) {
    super(failure.getMessage());
    this.failure = failure;
  }

  static ChainBroken at(int serverId, CairnException reason) {
    return new ChainBroken(reason.toFailure().toBuilder().setServerId(serverId).build());
  }

  Failure failure() {
    return failure;
  }
}
