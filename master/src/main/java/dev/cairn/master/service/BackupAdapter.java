package dev.cairn.master.service;

import dev.cairn.master.backup.Backups;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.BackupPage;
import dev.cairn.rpc.proto.BackupRequest;
import dev.cairn.rpc.proto.BackupServiceGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** Backups, as streams of pages. */
public final class BackupAdapter extends BackupServiceGrpc.BackupServiceImplBase {

  private final Backups backups;

  public BackupAdapter(Backups backups) {
    this.backups = backups;
  }

  @Override
  public void backup(BackupRequest request, StreamObserver<BackupPage> call) {
    PacedStream<BackupPage> pages =
        new PacedStream<>("the backup", (ServerCallStreamObserver<BackupPage>) call);
    try {
      backups.start(page -> pages.send(page, page.getEnd()), pages::failed);
    } catch (CairnException e) {
      Calls.refuse(call, e);
    }
  }
}
