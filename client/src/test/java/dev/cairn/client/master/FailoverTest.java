package dev.cairn.client.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.Failures;
import dev.cairn.client.Timer;
import dev.cairn.client.master.ScriptedMasters.Mode;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.HeldLease;
import dev.cairn.rpc.proto.NamespaceServiceGrpc;
import dev.cairn.rpc.proto.RemoveReply;
import dev.cairn.rpc.proto.RemoveRequest;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.StatFilesystemRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client of several masters, of which another one leads by and by. */
@Timeout(60)
final class FailoverTest {

  private final Timer timer = new Timer();
  private final AtomicInteger newLeaders = new AtomicInteger();
  private ScriptedMasters masters;
  private Master master;

  @BeforeEach
  void start() throws IOException {
    masters = new ScriptedMasters(3);
    masters.lead(0);
  }

  @AfterEach
  void stop() throws InterruptedException {
    timer.close();
    if (master != null) {
      master.close(Duration.ZERO);
    }
    masters.stop();
  }

  private void connect(Masters to, Duration patience) throws CairnException {
    master =
        new Master(to, patience, new ClientName("a test", ""), timer, servers -> {}, new Nothing());
    Failures.await(master.connected());
  }

  private void connect() throws CairnException {
    connect(masters.addresses(), Duration.ofSeconds(30));
  }

  private CompletableFuture<RemoveReply> removal() {
    return master.remove(RemoveRequest.newBuilder());
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "not so within 20 s");
      Thread.onSpinWait();
    }
  }

  @Test
  void theLeaderIsFound_byTheHintOfAnother() throws Exception {
    masters.get(0).mode = Mode.FOLLOWS;
    masters.lead(2);
    connect();
    Failures.await(removal());
    assertEquals(List.of("open"), masters.get(0).heard);
    assertEquals(List.of(), masters.get(1).heard);
    assertEquals(List.of("open", "remove"), masters.get(2).heard);
  }

  @Test
  void aClientThatKnowsOneMaster_followsItsHint_andHearsOfTheOthers() throws Exception {
    masters.get(0).mode = Mode.FOLLOWS;
    masters.lead(2);
    masters.members = masters.all.stream().map(one -> one.address().toString()).toList();
    connect(Masters.of(masters.get(0).address()), Duration.ofSeconds(30));
    masters.lead(1);
    masters.get(0).die();
    masters.get(2).die();
    Failures.await(removal());
    assertEquals(List.of(1L), masters.sessions, "the session goes on");
    masters.get(0).start();
    masters.get(2).start();
  }

  @Test
  void aLeaderThatDies_isLeftAtOnce_andTheSessionGoesOn() throws Exception {
    connect();
    Failures.await(removal());
    masters.get(0).die();
    masters.lead(1);
    Failures.await(removal());
    assertEquals(List.of(1L, 2L), masters.doneInOrder);
    assertEquals(List.of(1L, 1L), masters.sessions);
    assertEquals(1, newLeaders.get(), "the new leader is told what is open");
    masters.get(0).start();
  }

  @Test
  void anElection_isWaitedFor() throws Exception {
    connect();
    Failures.await(removal());
    masters.get(0).die();
    CompletableFuture<RemoveReply> removal = removal();
    await(() -> masters.get(1).heard.size() > 2 && masters.get(2).heard.size() > 2);
    assertFalse(removal.isDone());
    masters.lead(2);
    Failures.await(removal);
    assertEquals(List.of(1L, 2L), masters.doneInOrder);
    masters.get(0).start();
  }

  @Test
  void hintsAtALeaderThatIsGone_doNotKeepTheOthersFromBeingAsked() throws Exception {
    connect();
    masters.get(0).die();
    // Master 1 goes on naming the dead one.
    masters.get(2).lead();
    Failures.await(removal());
    assertEquals(List.of(1L), masters.doneInOrder);
    masters.get(0).start();
  }

  @Test
  void aLeaderThatStandsStill_isLeft_whenAnotherLeads() throws Exception {
    connect();
    Failures.await(removal());
    masters.get(0).mode = Mode.HANGS;
    List<CompletableFuture<RemoveReply>> removals = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      removals.add(removal());
    }
    // As long as the others say that it leads, it is waited for.
    await(() -> masters.get(1).heard.contains("stat") && masters.get(2).heard.contains("stat"));
    assertTrue(removals.stream().noneMatch(CompletableFuture::isDone));
    long before = System.nanoTime();
    masters.lead(1);
    for (CompletableFuture<RemoveReply> removal : removals) {
      Failures.await(removal);
    }
    assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(5));
    assertEquals(21, masters.done.size());
    assertEquals(21, masters.doneInOrder.size());
  }

  @Test
  void aBusyLeader_isNotGivenUp() throws Exception {
    connect();
    Failures.await(removal());
    masters.get(0).mode = Mode.BUSY;
    CompletableFuture<RemoveReply> removal = removal();
    await(() -> masters.get(0).heard.stream().filter("stat"::equals).count() >= 3);
    assertFalse(removal.isDone());
    assertEquals(List.of(), masters.get(1).heard);
    masters.answerRemovals();
    Failures.await(removal);
    assertEquals(1, masters.get(0).heard.stream().filter("open"::equals).count());
  }

  @Test
  void whatALeaderDidAndCouldNotAnswer_isDoneOnce() throws Exception {
    connect();
    masters.get(0).mode = Mode.LOSES_ANSWERS;
    masters.get(0).hint = masters.get(1).address().toString();
    masters.get(1).lead();
    Failures.await(removal());
    assertEquals(List.of(1L), masters.doneInOrder);
    assertEquals(1, masters.get(1).heard.stream().filter("back"::equals).count());
  }

  @Test
  void aWaitForALock_goesOverToTheNewLeader() throws Exception {
    connect();
    Registration session = Failures.await(master.session());
    masters.get(0).mode = Mode.HANGS;
    var wait = master.locks().awaitLock(new MasterLocks.LockPlace(session, 1), 7);
    await(() -> masters.get(0).heard.contains("await"));
    masters.lead(2);
    Failures.await(wait);
    assertTrue(masters.get(2).heard.contains("await"));
  }

  @Test
  void withoutAMajority_callsEndWithTheReasonOfEach() throws Exception {
    masters.get(0).die();
    masters.get(1).die();
    masters.get(2).hint = "";
    CairnException e =
        assertThrows(
            CairnException.class, () -> connect(masters.addresses(), Duration.ofMillis(600)));
    assertEquals(ErrorCode.UNREACHABLE, e.code());
    HostPort two = masters.get(2).address();
    assertTrue(e.getMessage().startsWith("no master leads: "), e.getMessage());
    assertTrue(e.getMessage().contains(two + " knows of no leader"), e.getMessage());
    assertTrue(
        e.getMessage().contains(masters.get(0).address() + " cannot be reached"), e.getMessage());
    masters.get(0).start();
    masters.get(1).start();
  }

  @Test
  void whatMustNotBeDoneTwice_isAskedOfTheNextMaster_onlyWhileItCannotBeDone() throws Exception {
    Calls calls = Calls.ofCommand(masters.addresses(), Duration.ofSeconds(20), timer);
    masters.get(0).mode = Mode.FOLLOWS;
    masters.lead(1);
    masters.all.forEach(one -> one.knowsClient = true);
    Failures.await(calls.once(NamespaceServiceGrpc.getRemoveMethod(), numbered(1)));
    masters.get(1).mode = Mode.LOSES_ANSWERS;
    CairnException lost =
        assertThrows(
            CairnException.class,
            () -> Failures.await(calls.once(NamespaceServiceGrpc.getRemoveMethod(), numbered(2))));
    assertTrue(lost.mayBeDone());
    assertEquals(List.of(1L, 2L), masters.doneInOrder);
    calls.close();
  }

  @Test
  void aPassingQuestionOfACommand_findsTheLeader() throws Exception {
    masters.get(0).die();
    masters.lead(2);
    Calls calls = Calls.ofCommand(masters.addresses(), Duration.ofSeconds(20), timer);
    Failures.await(
        calls.call(
            NamespaceServiceGrpc.getStatFilesystemMethod(),
            StatFilesystemRequest.getDefaultInstance()));
    assertEquals(masters.get(2).address(), calls.leader());
    calls.close();
    masters.get(0).start();
  }

  private static RemoveRequest numbered(long sequence) {
    return RemoveRequest.newBuilder()
        .setContext(RequestContext.newBuilder().setSequence(sequence))
        .build();
  }

  private final class Nothing implements Holdings {

    @Override
    public Set<Long> openInodes() {
      return Set.of();
    }

    @Override
    public Set<Long> writtenInodes() {
      return Set.of();
    }

    @Override
    public List<HeldLease> leases() {
      return List.of();
    }

    @Override
    public void leasesLost(List<HeldLease> lost) {}

    @Override
    public void masterRestarted() {
      newLeaders.incrementAndGet();
    }

    @Override
    public void sessionLost(Registration session) {}
  }
}
