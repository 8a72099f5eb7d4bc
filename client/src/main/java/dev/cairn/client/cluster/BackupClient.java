package dev.cairn.client.cluster;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.control.ControlPlane;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import dev.cairn.rpc.proto.BackupPage;
import dev.cairn.rpc.proto.BackupRequest;
import dev.cairn.rpc.proto.BackupServiceGrpc;
import dev.cairn.rpc.proto.ClusterServiceGrpc;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.GetStatusRequest;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Has a master make a backup of its metadata. */
public final class BackupClient implements AutoCloseable {

  /** A master that is busy may take so long to begin. */
  private static final Duration LEAST_PATIENCE = Duration.ofSeconds(60);

  /** Is given the pages of a backup, as they come. */
  @FunctionalInterface
  public interface Visitor {
    void visit(BackupPage page) throws IOException;
  }

  private final MasterConnection master;
  private final Duration patience;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "backup-watch");
            thread.setDaemon(true);
            return thread;
          });

  /** A connection on which the backup begins within the timeout, and then goes on as fast. */
  public BackupClient(Masters masters, Duration timeout) {
    this.master = new MasterConnection(masters, timeout);
    this.patience = timeout.compareTo(LEAST_PATIENCE) > 0 ? timeout : LEAST_PATIENCE;
  }

  /** Visits all pages; a backup takes as long as it takes, while pages come. */
  public void backup(Visitor visitor) throws IOException {
    // The backup itself has no deadline: that there is a master who answers is found out before.
    GetStatusReply unused =
        master.ask(ClusterServiceGrpc.getGetStatusMethod(), GetStatusRequest.getDefaultInstance());
    HostPort leader = master.leader();
    String peer = "the master at " + leader;
    ManagedChannel channel = ControlPlane.channel(leader);
    Context.CancellableContext call = Context.current().withCancellation();
    Context before = call.attach();
    boolean ended = false;
    try {
      Iterator<BackupPage> pages =
          BackupServiceGrpc.newBlockingStub(channel).backup(BackupRequest.getDefaultInstance());
      while (hasNext(pages, call)) {
        BackupPage page = pages.next();
        ended = page.getEnd();
        visitor.visit(page);
      }
    } catch (StatusRuntimeException e) {
      throw call.isCancelled() ? stalled() : GrpcErrors.fromThrowable(e, peer);
    } finally {
      call.detach(before);
      call.cancel(null);
      channel.shutdownNow();
    }
    if (!ended) {
      throw ErrorCode.PROTOCOL.because(peer + " ended the backup early");
    }
  }

  /** Waits for the next page, for so long. */
  private boolean hasNext(Iterator<BackupPage> pages, Context.CancellableContext call) {
    ScheduledFuture<?> late =
        watch.schedule(() -> call.cancel(null), patience.toMillis(), TimeUnit.MILLISECONDS);
    try {
      return pages.hasNext();
    } finally {
      late.cancel(false);
    }
  }

  private CairnException stalled() {
    return ErrorCode.TIMED_OUT.because(
        "the master at "
            + master.leader()
            + " sent nothing of the backup for "
            + patience.toSeconds()
            + " seconds");
  }

  @Override
  public void close() {
    watch.shutdownNow();
    master.close();
  }
}
