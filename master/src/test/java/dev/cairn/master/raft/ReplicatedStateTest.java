package dev.cairn.master.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.record.proto.ClusterFounded;
import dev.cairn.master.record.proto.LogBatch;
import dev.cairn.master.record.proto.MasterStarted;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.StateMachine;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.RocksStore;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries of the log as a member applies them, also after a crash. */
final class ReplicatedStateTest implements ReplicatedState.Events {

  private static final RaftServer SERVER =
      (RaftServer)
          Proxy.newProxyInstance(
              RaftServer.class.getClassLoader(),
              new Class<?>[] {RaftServer.class},
              (proxy, method, arguments) -> RaftPeerId.valueOf("a"));

  private final List<Throwable> failures = new ArrayList<>();
  @TempDir private Path directory;

  @BeforeEach
  void found() throws IOException {
    try (RocksStore store = RocksStore.open(directory)) {
      Overlay effects = new Overlay(store);
      new StateMachine(effects)
          .apply(
              Record.newBuilder()
                  .setClusterFounded(ClusterFounded.newBuilder().setClusterId("c"))
                  .build());
      store.write(effects);
    }
  }

  @Override
  public void leads() {}

  @Override
  public void follows() {}

  @Override
  public CompletableFuture<TermIndex> mustCatchUp(String leader) {
    return CompletableFuture.failedFuture(new IOException("there is no leader"));
  }

  @Override
  public void failed(Throwable why) {
    failures.add(why);
  }

  @Override
  public void ended() {}

  private ReplicatedState opened(RocksStore store) throws IOException {
    ReplicatedState state = new ReplicatedState(store, this);
    state.initialize(SERVER, RaftGroupId.randomId(), null);
    return state;
  }

  /** A batch that makes the next inode's number at least this large. */
  private static LogBatch batch(long term, long number, long nextInode) {
    return LogBatch.newBuilder()
        .setTerm(term)
        .setNumber(number)
        .addRecords(
            Record.newBuilder()
                .setMasterStarted(MasterStarted.newBuilder().setNextInode(nextInode)))
        .build();
  }

  private static TransactionContext entry(
      ReplicatedState state, long term, long index, LogBatch batch) {
    return TransactionContext.newBuilder()
        .setServerRole(RaftPeerRole.FOLLOWER)
        .setStateMachine(state)
        .setLogEntry(
            LogEntryProto.newBuilder()
                .setTerm(term)
                .setIndex(index)
                .setStateMachineLogEntry(
                    StateMachineLogEntryProto.newBuilder()
                        .setLogData(ByteString.copyFrom(batch.toByteArray())))
                .build())
        .build();
  }

  private static void apply(ReplicatedState state, long term, long index, LogBatch batch) {
    CompletableFuture<Message> done = state.applyTransaction(entry(state, term, index, batch));
    assertTrue(done.isDone());
  }

  private static long nextInode(RocksStore store) {
    return new MetadataView(store).number(Meta.NEXT_INODE);
  }

  @Test
  void entriesAreAppliedOnce_whateverIsSaidAgainAfterACrash() throws IOException {
    long[] numbers = {5, 9, 12, 40};
    for (int crashed = 0; crashed <= numbers.length; crashed++) {
      try (RocksStore store = RocksStore.open(directory)) {
        ReplicatedState state = opened(store);
        assertEquals(crashed, state.getLastAppliedTermIndex().getIndex() + 1);
        if (crashed < numbers.length) {
          // All of the log comes again up to here, and one more.
          for (int i = 0; i <= crashed; i++) {
            apply(state, 3, i, batch(3, i + 1, numbers[i]));
          }
          assertEquals(numbers[crashed], nextInode(store));
        }
      }
    }
    assertEquals(List.of(), failures);
  }

  @Test
  void anEntryBehindAGap_orOfAnotherTerm_isPassedOver() throws IOException {
    try (RocksStore store = RocksStore.open(directory)) {
      ReplicatedState state = opened(store);
      apply(state, 3, 0, batch(3, 1, 5));
      apply(state, 3, 1, batch(3, 3, 7));
      assertEquals(5, nextInode(store), "batch 2 is missing");
      apply(state, 4, 2, batch(3, 2, 8));
      assertEquals(5, nextInode(store), "it was decided by the leader of an earlier term");
      apply(state, 4, 3, batch(4, 2, 9));
      assertEquals(5, nextInode(store), "batch 1 of the term is missing");
      apply(state, 4, 4, batch(4, 1, 10));
      assertEquals(10, nextInode(store));
      assertEquals(4, state.getLastAppliedTermIndex().getIndex());
    }
  }

  @Test
  void aSnapshot_promisesAlsoEntriesThatChangedNothing() throws IOException {
    try (RocksStore store = RocksStore.open(directory)) {
      ReplicatedState state = opened(store);
      assertNull(state.getLatestSnapshot());
      apply(state, 1, 0, batch(1, 1, 5));
      state.notifyTermIndexUpdated(2, 1);
      assertEquals(1, state.takeSnapshot());
    }
    try (RocksStore store = RocksStore.open(directory)) {
      ReplicatedState state = opened(store);
      assertNotNull(state.getLatestSnapshot());
      assertEquals(TermIndex.valueOf(2, 1), state.getLatestSnapshot().getTermIndex());
    }
  }

  @Test
  void anEntry_isNotAppliedToTablesWithoutACluster() throws IOException {
    try (RocksStore store = RocksStore.open(directory.resolve("empty"))) {
      ReplicatedState state = opened(store);
      apply(state, 1, 0, batch(1, 1, 5));
      assertEquals(1, failures.size());
      assertEquals(0, nextInode(store));
    }
  }
}
