package dev.cairn.master.command;

import dev.cairn.master.decide.Decision;
import dev.cairn.master.decide.ExtensionDecider;
import dev.cairn.master.decide.GrantDecider;
import dev.cairn.master.log.Command;
import dev.cairn.master.session.LiveGrants;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.AllocateChunksReply;
import dev.cairn.rpc.proto.AllocateChunksRequest;

/** Grants a session new chunks, or lends it the last one of a file. */
public final class AllocateChunks implements Command<AllocateChunksReply> {

  private final LiveGrants grants;
  private final Chains chains;
  private final AllocateChunksRequest request;

  public AllocateChunks(LiveGrants grants, Chains chains, AllocateChunksRequest request) {
    this.grants = grants;
    this.chains = chains;
    this.request = request;
  }

  @Override
  public Decision<AllocateChunksReply> decide(MetadataView view, long now) throws CairnException {
    if (request.getExtendInode() != 0) {
      return ExtensionDecider.extend(view, request, chains::ofChunk, chains.candidates());
    }
    GrantDecider.check(request);
    grants.checkMayGrant(request.getContext().getSessionId(), request.getCount());
    return GrantDecider.grant(view, request, chains.ofNewChunks(request));
  }
}
