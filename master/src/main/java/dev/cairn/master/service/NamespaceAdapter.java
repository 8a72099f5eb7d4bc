package dev.cairn.master.service;

import dev.cairn.master.command.Create;
import dev.cairn.master.decide.AccessDecider;
import dev.cairn.master.decide.AttributeDecider;
import dev.cairn.master.decide.CreateDecider;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.decide.RemoveDecider;
import dev.cairn.master.decide.RenameDecider;
import dev.cairn.master.decide.XattrDecider;
import dev.cairn.master.query.ClusterQueries;
import dev.cairn.master.query.NamespaceQueries;
import dev.cairn.master.query.XattrQueries;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.rpc.proto.AttributesReply;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.EntryReply;
import dev.cairn.rpc.proto.GetAttributesRequest;
import dev.cairn.rpc.proto.GetXattrReply;
import dev.cairn.rpc.proto.GetXattrRequest;
import dev.cairn.rpc.proto.LinkRequest;
import dev.cairn.rpc.proto.ListXattrsReply;
import dev.cairn.rpc.proto.ListXattrsRequest;
import dev.cairn.rpc.proto.LookupRequest;
import dev.cairn.rpc.proto.NamespaceServiceGrpc;
import dev.cairn.rpc.proto.NoteAccessReply;
import dev.cairn.rpc.proto.NoteAccessRequest;
import dev.cairn.rpc.proto.ReadDirectoryReply;
import dev.cairn.rpc.proto.ReadDirectoryRequest;
import dev.cairn.rpc.proto.ReadSymlinkReply;
import dev.cairn.rpc.proto.ReadSymlinkRequest;
import dev.cairn.rpc.proto.RemoveReply;
import dev.cairn.rpc.proto.RemoveRequest;
import dev.cairn.rpc.proto.RemoveXattrReply;
import dev.cairn.rpc.proto.RemoveXattrRequest;
import dev.cairn.rpc.proto.RenameReply;
import dev.cairn.rpc.proto.RenameRequest;
import dev.cairn.rpc.proto.SetAttributesReply;
import dev.cairn.rpc.proto.SetAttributesRequest;
import dev.cairn.rpc.proto.SetXattrReply;
import dev.cairn.rpc.proto.SetXattrRequest;
import dev.cairn.rpc.proto.StatFilesystemReply;
import dev.cairn.rpc.proto.StatFilesystemRequest;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;

/** Names and attributes. */
public final class NamespaceAdapter extends NamespaceServiceGrpc.NamespaceServiceImplBase {

  private final Requests requests;
  private final LiveSessions sessions;
  private final NamespaceQueries names;
  private final XattrQueries xattrs;
  private final ClusterQueries cluster;
  private final Executor pool;
  private final CreateDecider creating;
  private final RemoveDecider removing;
  private final RenameDecider renaming;
  private final AttributeDecider attributes;
  private final XattrDecider settingXattrs;

  public NamespaceAdapter(
      Requests requests,
      LiveSessions sessions,
      NamespaceQueries names,
      XattrQueries xattrs,
      ClusterQueries cluster,
      Executor pool,
      Defaults defaults) {
    this.requests = requests;
    this.sessions = sessions;
    this.names = names;
    this.xattrs = xattrs;
    this.cluster = cluster;
    this.pool = pool;
    this.creating = new CreateDecider(defaults);
    this.removing = new RemoveDecider(defaults);
    this.renaming = new RenameDecider(defaults);
    this.attributes = new AttributeDecider(defaults);
    this.settingXattrs = new XattrDecider(defaults);
  }

  @Override
  public void lookup(LookupRequest request, StreamObserver<EntryReply> call) {
    Calls.answer(call, () -> names.lookup(request));
  }

  @Override
  public void getAttributes(GetAttributesRequest request, StreamObserver<AttributesReply> call) {
    Calls.answer(call, () -> names.attributes(request));
  }

  @Override
  public void setAttributes(SetAttributesRequest request, StreamObserver<SetAttributesReply> call) {
    requests.submit(
        request.getContext(),
        SetAttributesReply.getDefaultInstance(),
        (view, now) -> attributes.set(view, request, now),
        call);
  }

  @Override
  public void noteAccess(NoteAccessRequest request, StreamObserver<NoteAccessReply> call) {
    requests.submit(
        request.getContext(),
        NoteAccessReply.getDefaultInstance(),
        (view, now) -> AccessDecider.note(view, request),
        call);
  }

  @Override
  public void create(CreateRequest request, StreamObserver<EntryReply> call) {
    requests.submit(
        request.getContext(),
        EntryReply.getDefaultInstance(),
        new Create(creating, sessions, request),
        call);
  }

  @Override
  public void link(LinkRequest request, StreamObserver<EntryReply> call) {
    requests.submit(
        request.getContext(),
        EntryReply.getDefaultInstance(),
        (view, now) -> creating.link(view, request, now),
        call);
  }

  @Override
  public void remove(RemoveRequest request, StreamObserver<RemoveReply> call) {
    requests.submit(
        request.getContext(),
        RemoveReply.getDefaultInstance(),
        (view, now) -> removing.remove(view, request, now),
        call);
  }

  @Override
  public void rename(RenameRequest request, StreamObserver<RenameReply> call) {
    requests.submit(
        request.getContext(),
        RenameReply.getDefaultInstance(),
        (view, now) -> renaming.rename(view, request, now),
        call);
  }

  @Override
  public void readSymlink(ReadSymlinkRequest request, StreamObserver<ReadSymlinkReply> call) {
    Calls.answer(call, () -> names.symlink(request));
  }

  @Override
  public void readDirectory(ReadDirectoryRequest request, StreamObserver<ReadDirectoryReply> call) {
    Calls.answerOn(pool, call, () -> names.list(request));
  }

  @Override
  public void getXattr(GetXattrRequest request, StreamObserver<GetXattrReply> call) {
    Calls.answer(call, () -> xattrs.get(request));
  }

  @Override
  public void listXattrs(ListXattrsRequest request, StreamObserver<ListXattrsReply> call) {
    Calls.answer(call, () -> xattrs.list(request));
  }

  @Override
  public void setXattr(SetXattrRequest request, StreamObserver<SetXattrReply> call) {
    requests.submit(
        request.getContext(),
        SetXattrReply.getDefaultInstance(),
        (view, now) -> settingXattrs.set(view, request, now),
        call);
  }

  @Override
  public void removeXattr(RemoveXattrRequest request, StreamObserver<RemoveXattrReply> call) {
    requests.submit(
        request.getContext(),
        RemoveXattrReply.getDefaultInstance(),
        (view, now) -> settingXattrs.remove(view, request, now),
        call);
  }

  @Override
  public void statFilesystem(
      StatFilesystemRequest request, StreamObserver<StatFilesystemReply> call) {
    Calls.answer(call, cluster::capacity);
  }
}
