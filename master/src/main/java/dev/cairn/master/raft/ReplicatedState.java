package dev.cairn.master.raft;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.cairn.master.record.proto.LogBatch;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.StateMachine;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.RecentRows;
import dev.cairn.master.store.Store;
import dev.cairn.rpc.Check;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.LifeCycle;

/**
 * Applies the entries of the log to the tables, in order, on one thread of Ratis. A leader has the
 * effects of its own batches ready; a follower turns the records into rows. A snapshot is no file:
 * it is the promise that the tables are on the disk up to an entry.
 */
final class ReplicatedState extends BaseStateMachine {

  /** What happens to this member. Called on threads of Ratis: must not block. */
  interface Events {

    /** This member leads, and has applied everything of the leaders before. */
    void leads();

    /** It does not lead any more. */
    void follows();

    /**
     * The leader does not have, or not only in its log, what this member needs next.
     *
     * @param leader its control address
     * @return how far the tables are then; fails when it has to be tried again
     */
    CompletableFuture<TermIndex> mustCatchUp(String leader);

    /** The tables or the log cannot be trusted or kept any more. */
    void failed(Throwable why);

    /** Ratis has ended, whoever ended it. */
    void ended();
  }

  /** A batch of this leader, with its effects. */
  record Ready(LogBatch batch, Overlay effects, Runnable committed) {}

  private final Store store;
  private final Events events;

  /** By the number of the request that appends it. */
  private final Map<Long, Ready> ready = new ConcurrentHashMap<>();

  private final RecentRows recent;
  private final Overlay rows;
  private final StateMachine machine;

  /** Guarded by this, like all applying. */
  private Applied applied = Applied.NOTHING;

  /**
   * Whether the tables hold a cluster: its first records are in no log, but in a copy of tables.
   */
  private boolean founded;

  ReplicatedState(Store store, Events events) {
    this.store = store;
    this.events = events;
    this.recent = new RecentRows(store);
    this.rows = new Overlay(recent);
    this.machine = new StateMachine(rows);
  }

  /** Announces a batch that the request of that number is about to append. */
  void expect(long request, Ready batch) {
    ready.put(request, batch);
  }

  void forget(long request) {
    ready.remove(request);
  }

  @Override
  public synchronized void initialize(RaftServer server, RaftGroupId group, RaftStorage storage)
      throws IOException {
    super.initialize(server, group, storage);
    getLifeCycle().startAndTransition(this::takeTables);
  }

  /** Takes the tables as they are; on the disk: Ratis may drop entries that are in them. */
  private void takeTables() throws IOException {
    store.force();
    read();
    setLastAppliedTermIndex(TermIndex.valueOf(applied.term(), applied.index()));
  }

  private void read() {
    recent.clear();
    applied = Applied.in(store);
    founded = !new MetadataView(store).text(Meta.CLUSTER_ID).isEmpty();
  }

  @Override
  public void pause() {
    getLifeCycle().transition(LifeCycle.State.PAUSING);
    getLifeCycle().transition(LifeCycle.State.PAUSED);
  }

  @Override
  public synchronized void reinitialize() throws IOException {
    getLifeCycle().startAndTransition(this::takeTables);
  }

  /** Has other tables taken, while nothing is applied; entries that are in them are passed over. */
  synchronized TermIndex replaceTables(Replacement replacement) throws IOException {
    replacement.run();
    read();
    return TermIndex.valueOf(applied.term(), applied.index());
  }

  /** Replaces the tables. */
  interface Replacement {
    void run() throws IOException;
  }

  /** The last entry that is in the tables; -1 when none is. */
  synchronized long appliedIndex() {
    return applied.index();
  }

  @Override
  public synchronized SnapshotInfo getLatestSnapshot() {
    if (applied.index() < 0) {
      return null;
    }
    TermIndex last = TermIndex.valueOf(applied.term(), applied.index());
    return new SnapshotInfo() {
      @Override
      public TermIndex getTermIndex() {
        return last;
      }

      @Override
      public List<FileInfo> getFiles() {
        return List.of();
      }
    };
  }

  @Override
  public synchronized long takeSnapshot() throws IOException {
    mark();
    store.force();
    return applied.index();
  }

  /** Has the tables say how far they are, also where the last entries changed no row. */
  synchronized void mark() throws IOException {
    Overlay mark = new Overlay(store);
    applied.put(mark);
    store.write(mark);
  }

  @Override
  public TransactionContext startTransaction(RaftClientRequest request) {
    return TransactionContext.newBuilder()
        .setStateMachine(this)
        .setClientRequest(request)
        .setStateMachineContext(ready.remove(request.getCallId()))
        .build();
  }

  @Override
  public CompletableFuture<Message> query(Message request) {
    return CompletableFuture.completedFuture(Message.EMPTY);
  }

  @Override
  public synchronized CompletableFuture<Message> applyTransaction(TransactionContext entry) {
    LogEntryProto log = entry.getLogEntry();
    try {
      if (log.getIndex() > applied.index()) {
        if (entry.getStateMachineContext() instanceof Ready own
            && applied.isFollowedBy(own.batch(), log.getTerm())) {
          applyOwn(own, log.getIndex());
        } else {
          applyRecords(parse(log.getStateMachineLogEntry().getLogData()), log);
        }
      }
      // Entries that came with fetched tables are behind already.
      if (log.getIndex() > getLastAppliedTermIndex().getIndex()) {
        updateLastAppliedTermIndex(log.getTerm(), log.getIndex());
      }
      return CompletableFuture.completedFuture(Message.EMPTY);
    } catch (IOException | RuntimeException e) {
      events.failed(e);
      return CompletableFuture.failedFuture(e);
    }
  }

  private static LogBatch parse(ByteString bytes) throws InvalidProtocolBufferException {
    return LogBatch.parseFrom(bytes.asReadOnlyByteBuffer());
  }

  private void applyOwn(Ready own, long index) throws IOException {
    Applied next = applied.after(own.batch(), index);
    Overlay mark = new Overlay(store);
    next.put(mark);
    store.write(own.effects(), mark);
    applied = next;
    recent.clear();
    own.committed().run();
  }

  private void applyRecords(LogBatch batch, LogEntryProto log) throws IOException {
    if (!applied.isFollowedBy(batch, log.getTerm())) {
      applied = applied.after(log.getTerm(), log.getIndex());
      return;
    }
    Check.that(founded, "an entry of the log comes before the tables it belongs to");
    Applied next = applied.after(batch, log.getIndex());
    for (Record record : batch.getRecordsList()) {
      machine.apply(record);
    }
    next.put(rows);
    store.write(rows);
    recent.written(rows);
    rows.clear();
    applied = next;
  }

  @Override
  public synchronized void notifyTermIndexUpdated(long term, long index) {
    // Written with the next batch: such an entry changes no row.
    if (index > applied.index()) {
      applied = applied.after(term, index);
    }
    if (index > getLastAppliedTermIndex().getIndex()) {
      updateLastAppliedTermIndex(term, index);
    }
  }

  @Override
  public void notifyLeaderReady() {
    events.leads();
  }

  @Override
  public void notifyNotLeader(Collection<TransactionContext> pending) {
    ready.clear();
    events.follows();
  }

  @Override
  public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
    if (!leader.equals(member.getPeerId())) {
      events.follows();
    }
  }

  @Override
  public CompletableFuture<TermIndex> notifyInstallSnapshotFromLeader(
      RoleInfoProto role, TermIndex firstInLog) {
    return events.mustCatchUp(role.getFollowerInfo().getLeaderInfo().getId().getClientAddress());
  }

  @Override
  public void notifyLogFailed(Throwable cause, LogEntryProto entry) {
    events.failed(cause);
  }

  @Override
  public void notifyServerShutdown(RoleInfoProto role, boolean allServer) {
    events.ended();
  }
}
