package dev.cairn.master.service;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.AddMasterReply;
import dev.cairn.rpc.proto.AddMasterRequest;
import dev.cairn.rpc.proto.GetMastersReply;
import dev.cairn.rpc.proto.GetMastersRequest;
import dev.cairn.rpc.proto.MasterMember;
import dev.cairn.rpc.proto.MasterRole;
import dev.cairn.rpc.proto.MastersServiceGrpc;
import dev.cairn.rpc.proto.MoveLeadershipReply;
import dev.cairn.rpc.proto.MoveLeadershipRequest;
import dev.cairn.rpc.proto.RemoveMasterReply;
import dev.cairn.rpc.proto.RemoveMasterRequest;
import io.grpc.stub.StreamObserver;

/** What is to be said of the masters where there is one. */
public final class OneMasterAdapter extends MastersServiceGrpc.MastersServiceImplBase {

  private final String address;

  /** An adapter of the master that listens at an address. */
  public OneMasterAdapter(String address) {
    this.address = address;
  }

  @Override
  public void getMasters(GetMastersRequest request, StreamObserver<GetMastersReply> call) {
    Calls.answer(
        call,
        () ->
            GetMastersReply.newBuilder()
                .setAsked(address)
                .setLeader(address)
                .addMembers(
                    MasterMember.newBuilder()
                        .setAddress(address)
                        .setRole(MasterRole.MASTER_LEADING)
                        .setReachable(true))
                .build());
  }

  @Override
  public void moveLeadership(
      MoveLeadershipRequest request, StreamObserver<MoveLeadershipReply> call) {
    Calls.refuse(call, alone());
  }

  @Override
  public void addMaster(AddMasterRequest request, StreamObserver<AddMasterReply> call) {
    Calls.refuse(call, alone());
  }

  @Override
  public void removeMaster(RemoveMasterRequest request, StreamObserver<RemoveMasterReply> call) {
    Calls.refuse(call, alone());
  }

  private static CairnException alone() {
    return ErrorCode.INVALID.because(
        "this cluster has one master: to have several, start it and the others with --peers");
  }
}
