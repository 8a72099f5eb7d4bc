package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.cairn.master.record.proto.Lease;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.session.LiveLeases;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.session.SessionSettings;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChangeRangeReply;
import dev.cairn.rpc.proto.ChangeRangeRequest;
import dev.cairn.rpc.proto.CloneRangeReply;
import dev.cairn.rpc.proto.CloneRangeRequest;
import dev.cairn.rpc.proto.CommitReply;
import dev.cairn.rpc.proto.CommitRequest;
import dev.cairn.rpc.proto.CreateRequest;
import dev.cairn.rpc.proto.FileType;
import dev.cairn.rpc.proto.HeldLease;
import dev.cairn.rpc.proto.ReleaseLeaseRequest;
import dev.cairn.rpc.proto.RemoveReply;
import dev.cairn.rpc.proto.RemoveRequest;
import dev.cairn.rpc.proto.RenameReply;
import dev.cairn.rpc.proto.RenameRequest;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.SetAttributesReply;
import dev.cairn.rpc.proto.SetAttributesRequest;
import dev.cairn.rpc.proto.TakeLeaseReply;
import dev.cairn.rpc.proto.TakeLeaseRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Leases, whom they keep out, and when they are over. */
final class LeaseDeciderTest {

  private static final Defaults DEFAULTS = new Defaults(4096, 2);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final Duration TTL = Duration.ofSeconds(19);

  private final LeaseDecider deciding = new LeaseDecider(DEFAULTS);
  private DecisionCore core;
  private Session one;
  private Session two;
  private long file;

  @BeforeEach
  void start() throws Exception {
    core = new DecisionCore(new MemoryStore());
    one = session("one", "");
    two = session("two", "");
    file = file("f");
  }

  @AfterEach
  void check() {
    StateCheck.check(core.tables());
  }

  private Session session(String description, String user) throws CairnException {
    return core.run((view, now) -> SessionDecider.open(view, description, user, 1));
  }

  private long file(String name) throws CairnException {
    CreateRequest request =
        CreateRequest.newBuilder()
            .setParent(MetadataView.ROOT)
            .setName(ByteString.copyFromUtf8(name))
            .setType(FileType.REGULAR)
            .build();
    return core.run((view, now) -> new CreateDecider(DEFAULTS).create(view, request, now))
        .getAttributes()
        .getInode();
  }

  private static RequestContext by(Session session) {
    return RequestContext.newBuilder().setSessionId(session.getId()).setEpoch(1).build();
  }

  private static RequestContext by(Session session, long lease) {
    return by(session).toBuilder().setLease(lease).build();
  }

  private static TakeLeaseRequest request(Session session, long inode, int seconds) {
    return TakeLeaseRequest.newBuilder()
        .setContext(by(session))
        .setInode(inode)
        .setTermMillis(TimeUnit.SECONDS.toMillis(seconds))
        .build();
  }

  private long take(Session session, int seconds) throws CairnException {
    TakeLeaseRequest request = request(session, file, seconds);
    return core.run((view, now) -> deciding.take(view, request, inode -> {}, now)).getLease();
  }

  private ErrorCode refusal(TakeLeaseRequest request) {
    return core.refusal((view, now) -> deciding.take(view, request, inode -> {}, now));
  }

  private static ReleaseLeaseRequest giveBack(Session session, long inode) {
    return ReleaseLeaseRequest.newBuilder().setContext(by(session)).setInode(inode).build();
  }

  private void release(Session session) throws CairnException {
    core.run((view, now) -> LeaseDecider.release(view, giveBack(session, file)));
  }

  @Test
  void theEndOfALease_isNoneOfTheOneThatTookItsPlace() throws CairnException {
    take(one, 60);
    Lease over = core.view().lease(file);
    release(one);
    long next = take(two, 60);
    core.run((view, now) -> LeaseDecider.end(view, over));
    assertEquals(next, core.view().lease(file).getId());
  }

  @Test
  void theEndOfALease_isNoneOnceItIsRenewed() throws CairnException {
    take(one, 60);
    Lease over = core.view().lease(file);
    take(one, 90);
    core.run((view, now) -> LeaseDecider.end(view, over));
    assertEquals(over.getId(), core.view().lease(file).getId());
    Lease renewed = core.view().lease(file);
    core.run((view, now) -> LeaseDecider.end(view, renewed));
    assertNull(core.view().lease(file));
  }

  private ErrorCode releaseRefusal(Session session) {
    return core.refusal((view, now) -> LeaseDecider.release(view, giveBack(session, file)));
  }

  private static DecisionCore.Ask<CommitReply> commit(RequestContext by, long inode) {
    CommitRequest request =
        CommitRequest.newBuilder().setContext(by).setInode(inode).setSizeAtLeast(1).build();
    return (view, now) -> new CommitDecider(DEFAULTS).commit(view, request, now);
  }

  private static DecisionCore.Ask<SetAttributesReply> truncate(RequestContext by, long inode) {
    SetAttributesRequest request =
        SetAttributesRequest.newBuilder().setContext(by).setInode(inode).setSize(5).build();
    return (view, now) -> new AttributeDecider(DEFAULTS).set(view, request, now);
  }

  private static DecisionCore.Ask<ChangeRangeReply> allocate(RequestContext by, long inode) {
    ChangeRangeRequest request =
        ChangeRangeRequest.newBuilder().setContext(by).setInode(inode).setLength(9).build();
    return (view, now) -> new RangeDecider(DEFAULTS).change(view, request, now);
  }

  private DecisionCore.Ask<CloneRangeReply> copyInto(RequestContext by, long inode)
      throws CairnException {
    CloneRangeRequest request =
        CloneRangeRequest.newBuilder()
            .setContext(by)
            .setSourceInode(file("source" + core.now()))
            .setTargetInode(inode)
            .setLength(9)
            .build();
    return (view, now) -> new RangeDecider(DEFAULTS).clone(view, request, now);
  }

  private static DecisionCore.Ask<RemoveReply> unlink(RequestContext by, String name) {
    RemoveRequest request =
        RemoveRequest.newBuilder()
            .setContext(by)
            .setParent(MetadataView.ROOT)
            .setName(ByteString.copyFromUtf8(name))
            .build();
    return (view, now) -> new RemoveDecider(DEFAULTS).remove(view, request, now);
  }

  private static DecisionCore.Ask<RenameReply> rename(
      RequestContext by, String from, String to, boolean exchange) {
    RenameRequest request =
        RenameRequest.newBuilder()
            .setContext(by)
            .setParent(MetadataView.ROOT)
            .setName(ByteString.copyFromUtf8(from))
            .setNewParent(MetadataView.ROOT)
            .setNewName(ByteString.copyFromUtf8(to))
            .setExchange(exchange)
            .build();
    return (view, now) -> new RenameDecider(DEFAULTS).rename(view, request, now);
  }

  private List<DecisionCore.Ask<?>> changes(RequestContext by) throws CairnException {
    return List.of(commit(by, file), truncate(by, file), allocate(by, file), copyInto(by, file));
  }

  @Test
  void leaseKeepsOthersFromAllThatChangesTheFile_untilItIsGivenBack() throws CairnException {
    file("g");
    take(one, 60);
    List<DecisionCore.Ask<?>> all = new ArrayList<>(changes(by(two)));
    all.add(unlink(by(two), "f"));
    all.add(rename(by(two), "g", "f", false));
    all.add(rename(by(two), "g", "f", true));
    for (DecisionCore.Ask<?> change : all) {
      assertEquals(ErrorCode.BUSY, core.refusal(change));
    }
    assertEquals(ErrorCode.BUSY, refusal(request(two, file, 60)));
    for (DecisionCore.Ask<?> change : changes(by(one))) {
      core.run(change);
    }
    release(one);
    for (DecisionCore.Ask<?> change : changes(by(two))) {
      core.run(change);
    }
    core.run(rename(by(two), "g", "f", false));
    core.run(unlink(by(two), "f"));
  }

  @Test
  void changeUnderALeaseThatIsOver_isRefused_thoughNobodyHasOneSince() throws CairnException {
    long first = take(one, 60);
    core.run((view, now) -> LeaseDecider.end(view, file));
    for (DecisionCore.Ask<?> change : changes(by(one, first))) {
      assertEquals(ErrorCode.LEASE_LOST, core.refusal(change));
    }
    take(two, 60);
    release(two);
    long again = take(one, 60);
    assertNotEquals(first, again);
    assertEquals(ErrorCode.LEASE_LOST, core.refusal(commit(by(one, first), file)));
    core.run(commit(by(one, again), file));
    assertEquals(ErrorCode.LEASE_LOST, core.refusal(commit(by(two, again), file)));
  }

  @Test
  void holderMayChangeTheTerm_andKeepsTheLease_butNotTakeItAnew() throws CairnException {
    long lease = take(one, 60);
    assertEquals(lease, take(one, 5));
    assertEquals(5000, core.view().lease(file).getTermMillis());
    TakeLeaseRequest anew = request(one, file, 60).toBuilder().setExclusive(true).build();
    assertEquals(ErrorCode.EXISTS, refusal(anew));
    TakeLeaseRequest others = request(two, file, 60).toBuilder().setExclusive(true).build();
    assertEquals(ErrorCode.BUSY, refusal(others));
  }

  @Test
  void onlyTheHolderGivesItBack() throws CairnException {
    assertEquals(ErrorCode.NO_ATTRIBUTE, releaseRefusal(one));
    take(one, 60);
    assertEquals(ErrorCode.NOT_PERMITTED, releaseRefusal(two));
    release(one);
    assertNull(core.view().lease(file));
  }

  @Test
  void termsOutOfBounds_andDirectories_areRefused() {
    assertEquals(ErrorCode.INVALID, refusal(request(one, file, 0)));
    assertEquals(ErrorCode.INVALID, refusal(request(one, file, 86_401)));
    assertEquals(ErrorCode.IS_DIRECTORY, refusal(request(one, MetadataView.ROOT, 60)));
    assertEquals(ErrorCode.STALE, refusal(request(one, 12345, 60)));
  }

  @Test
  void sessionsLeasesGoWithIt_andThoseOfItsUserStay() throws CairnException {
    take(one, 60);
    core.run((view, now) -> SessionDecider.end(view, one.getId()));
    assertNull(core.view().lease(file));
    Session ann = session("a command", "ann@here");
    take(ann, 60);
    core.run((view, now) -> SessionDecider.end(view, ann.getId()));
    assertEquals("ann@here", core.view().lease(file).getHolder());
    assertEquals(ErrorCode.BUSY, core.refusal(truncate(by(two), file)));
    Session bob = session("a command", "bob@here");
    assertEquals(ErrorCode.NOT_PERMITTED, releaseRefusal(bob));
    Session annAgain = session("another command", "ann@here");
    core.run(truncate(by(annAgain), file));
    release(annAgain);
  }

  @Test
  void holderWhoReplacesTheFile_hasTheLeaseOfTheOneInItsPlace() throws CairnException {
    long other = file("g");
    long lease = take(one, 60);
    assertTrue(core.run(rename(by(one), "g", "f", false)).getLeaseMoved());
    assertNull(core.view().lease(file));
    assertEquals(lease, core.view().lease(other).getId());
    assertEquals(ErrorCode.BUSY, core.refusal(commit(by(two), other)));
    core.run(commit(by(one, lease), other));
  }

  /** The memory of a master that starts at 100 s by its ticks. */
  private LiveLeases started(LiveSessions sessions, long now) {
    return new LiveLeases(core.view(), sessions, now, 100 * SECOND);
  }

  private LiveSessions sessions() {
    return new LiveSessions(core.view(), SessionSettings.of(TTL), 100 * SECOND);
  }

  @Test
  void sessionsLease_isOverWhenTheSessionDidNotNameItForTheTerm() throws CairnException {
    LiveSessions sessions = sessions();
    LiveLeases live = started(sessions, core.now());
    take(one, 10);
    Lease lease = core.view().lease(file);
    live.taken(lease, 200 * SECOND);
    assertFalse(live.isOver(lease, 209 * SECOND));
    live.renewed(one.getId(), held(lease), 209 * SECOND);
    sessions.alive(one.getId(), 1, 212 * SECOND);
    live.renewed(two.getId(), held(lease), 212 * SECOND);
    live.renewed(one.getId(), held(lease).toBuilder().setLease(99).build(), 212 * SECOND);
    assertEquals(Duration.ofSeconds(4), live.left(file, 215 * SECOND));
    assertEquals(List.of(), live.over(218 * SECOND));
    assertEquals(List.of(lease), live.over(219 * SECOND));
    live.ended(file);
    assertFalse(live.isOver(lease, 300 * SECOND));
    assertFalse(live.isInForce(file, lease.getId()));
  }

  private static HeldLease held(Lease lease) {
    return HeldLease.newBuilder().setInode(lease.getInode()).setLease(lease.getId()).build();
  }

  @Test
  void usersLease_isOverAfterItsTerm_unlessItIsTakenAgain() throws CairnException {
    LiveLeases live = started(sessions(), core.now());
    Session ann = session("a command", "ann@here");
    take(ann, 10);
    live.taken(core.view().lease(file), 200 * SECOND);
    take(ann, 20);
    Lease lease = core.view().lease(file);
    live.taken(lease, 205 * SECOND);
    live.renewed(ann.getId(), held(lease), 220 * SECOND);
    assertEquals(List.of(), live.over(224 * SECOND));
    assertEquals(List.of(lease), live.over(225 * SECOND));
  }

  @Test
  void afterARestart_noLeaseIsOverBeforeItsHolderCouldRenewIt() throws CairnException {
    take(one, 2);
    long users = file("u");
    Session ann = session("a command", "ann@here");
    TakeLeaseRequest long60 = request(ann, users, 60);
    core.run((view, now) -> deciding.take(view, long60, inode -> {}, now));
    long later = core.now() + 40 * SECOND;
    LiveLeases live = started(sessions(), later);
    assertEquals(List.of(), live.over(118 * SECOND));
    assertEquals(Duration.ofSeconds(19), live.left(users, 101 * SECOND));
    assertEquals(1, live.over(119 * SECOND).size());
    assertEquals(2, live.over(121 * SECOND).size());
    LiveLeases clockWentBack = started(sessions(), core.now() - 3600 * SECOND);
    assertEquals(2, clockWentBack.over(160 * SECOND).size());
  }

  @Test
  void afterARestart_noSessionEndsBeforeTheGraceIsOver() {
    SessionSettings settings = new SessionSettings(TTL, TTL.multipliedBy(2));
    LiveSessions sessions = new LiveSessions(core.view(), settings, 100 * SECOND);
    assertEquals(List.of(), sessions.silent(138 * SECOND));
    assertEquals(sessions.all().size(), sessions.silent(139 * SECOND).size());
    assertFalse(sessions.all().isEmpty());
  }

  @Test
  void timeBeforeTheMasterListens_endsNoSession() {
    LiveSessions sessions = sessions();
    sessions.listening(130 * SECOND);
    assertEquals(List.of(), sessions.silent(148 * SECOND));
    assertEquals(sessions.all().size(), sessions.silent(150 * SECOND).size());
  }

  @Test
  void leaseOfAFileThatOthersHaveOpenForWriting_isRefused() throws CairnException {
    TakeLeaseRequest request = request(one, file, 60);
    LiveSessions sessions = sessions();
    sessions.get(two.getId()).back(List.of(file), List.of(file));
    sessions.get(one.getId()).back(List.of(file), List.of(file));
    LeaseDecider.Writers writers =
        inode -> sessions.refuseOtherWriters(inode, one.getId(), 101 * SECOND);
    DecisionCore.Ask<TakeLeaseReply> ask =
        (view, now) -> deciding.take(view, request, writers, now);
    assertEquals(ErrorCode.WRITTEN_ELSEWHERE, core.refusal(ask));
    sessions.leaseLost(two.getId(), file);
    core.run(ask);
    assertEquals("one", core.view().lease(file).getHolder());
  }

  @Test
  void usersLease_endsWithTheLastNameOfTheFile() throws CairnException {
    Session ann = session("a command", "ann@here");
    take(ann, 60);
    core.run(unlink(by(session("another command", "ann@here")), "f"));
    assertNull(core.view().lease(file));
  }

  @Test
  void mountsLease_outlivesTheLastName_sinceItsProcessesMayWriteOn() throws CairnException {
    long lease = take(one, 60);
    core.run(unlink(by(one), "f"));
    core.run(commit(by(one, lease), file));
  }

  @Test
  void rightAfterAStart_nobodyKnowsWhoWrites() throws CairnException {
    LiveSessions sessions = sessions();
    TakeLeaseRequest request = request(one, file, 60);
    LeaseDecider.Writers writers =
        inode -> sessions.refuseOtherWriters(inode, one.getId(), 101 * SECOND);
    assertEquals(
        ErrorCode.STARTING,
        core.refusal((view, now) -> deciding.take(view, request, writers, now)));
    take(one, 60);
    core.run((view, now) -> deciding.take(view, request, writers, now));
  }
}
