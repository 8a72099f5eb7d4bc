package dev.cairn.master.raft;

import dev.cairn.master.log.RecordLog;
import dev.cairn.master.store.Store;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.protocol.SetConfigurationRequest;
import org.apache.ratis.protocol.TransferLeadershipRequest;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This master as one of several: its part in the log, in elections and in the membership. */
public final class Member implements Closeable {

  /** What this master does when its role changes. Called one after the other, on one thread. */
  public interface Role {

    /** It leads in this term, and has everything that leaders before have answered. */
    void lead(long term, RecordLog log) throws IOException;

    /** It follows. Also called when it does not lead. */
    void follow();

    /**
     * It is too far behind: gets a copy of the leader's tables.
     *
     * @param leader its control address
     * @return the directory they are in, to be moved in place of its own
     */
    Path fetchTables(HostPort leader) throws IOException;

    /** Moves fetched tables in place of its own; nothing is applied meanwhile. */
    void replaceTables(Path fetched) throws IOException;

    /** The process is to end: the tables or the log cannot be kept any more. */
    void failed(Throwable why);
  }

  private static final Logger LOG = LoggerFactory.getLogger(Member.class);
  private static final Duration TRANSFER = Duration.ofSeconds(3);
  private static final String LOG_DIRECTORY = "log";

  private final MemberId id;
  private final String cluster;
  private final RaftGroupId group;
  private final Role role;
  private final Followers followers = new Followers();
  private final ReplicatedState state;
  private final RaftServer server;
  private final ClientId client = ClientId.randomId();
  private final AtomicLong requests = new AtomicLong();
  private final ExecutorService events =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "master-role"));
  private final CountDownLatch started = new CountDownLatch(1);
  private final ExecutorService fetching =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "master-catch-up"));

  /** The term it leads in; 0 when it does not. */
  private volatile long leading;

  /** Set while the leadership is handed over: nothing is served in the meantime. */
  private volatile boolean handingOver;

  private volatile boolean closing;

  private Member(
      MemberId id, Path directory, String cluster, RaftGroup initial, Store store, Role role)
      throws IOException {
    this.id = id;
    this.cluster = cluster;
    this.group = initial.getGroupId();
    this.role = role;
    this.state = new ReplicatedState(store, new Changes());
    TornEnd.cut(directory.resolve(LOG_DIRECTORY));
    this.server =
        RaftServer.newBuilder()
            .setServerId(id.peerId())
            .setGroup(initial)
            .setOption(RaftStorage.StartupOption.RECOVER)
            .setStateMachine(state)
            .setProperties(RatisProperties.of(directory, id.peer().raft()))
            .setParameters(followers.parameters())
            .build();
  }

  /**
   * Founds the group of this master alone; others are added when they are there.
   *
   * @param directory of the log
   */
  public static Member found(MemberId id, Path directory, String cluster, Store store, Role role)
      throws IOException {
    return new Member(
            id, directory, cluster, RaftGroup.valueOf(groupOf(cluster), id.raftPeer()), store, role)
        .start();
  }

  /** Takes part as before, or waits to be added. */
  public static Member join(MemberId id, Path directory, String cluster, Store store, Role role)
      throws IOException {
    return new Member(id, directory, cluster, RaftGroup.valueOf(groupOf(cluster)), store, role)
        .start();
  }

  /** Whether the directory has a log of the cluster. */
  public static boolean hasLog(Path directory, String cluster) {
    return Files.isDirectory(
        directory.resolve(LOG_DIRECTORY).resolve(groupOf(cluster).getUuid().toString()));
  }

  private static RaftGroupId groupOf(String cluster) {
    return RaftGroupId.valueOf(UUID.nameUUIDFromBytes(cluster.getBytes(StandardCharsets.UTF_8)));
  }

  private Member start() throws IOException {
    // Ratis may tell of an election that is won before it can be asked about it.
    events.execute(this::awaitStart);
    try {
      server.start();
      requireWholeLog();
      started.countDown();
    } catch (IOException | RuntimeException e) {
      close();
      throw new IOException(
          "the log of several masters cannot be opened at %s: %s"
              .formatted(id.peer().raft(), e.getMessage()),
          e);
    }
    return this;
  }

  /** Refuses tables that a damage threw back behind what the log still has. */
  private void requireWholeLog() throws IOException {
    long first = division().getRaftLog().getStartIndex();
    // Read behind it: tables that were fetched meanwhile are there before the log begins at them.
    long applied = state.appliedIndex();
    if (first > applied + 1) {
      throw new IOException(
          "the tables end at entry %d and the log begins at %d: start this master on an empty directory, and it gets everything from the others"
              .formatted(applied, first));
    }
  }

  private void awaitStart() {
    try {
      started.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes the changes that Ratis tells of to the thread for them. */
  private final class Changes implements ReplicatedState.Events {

    @Override
    public void leads() {
      later(Member.this::lead);
    }

    @Override
    public void follows() {
      leading = 0;
      later(
          () -> {
            handingOver = false;
            role.follow();
          });
    }

    @Override
    public CompletableFuture<TermIndex> mustCatchUp(String leader) {
      return CompletableFuture.supplyAsync(() -> catchUp(leader), fetching);
    }

    @Override
    public void failed(Throwable why) {
      if (!closing) {
        role.failed(why);
      }
    }

    @Override
    public void ended() {
      if (!closing) {
        role.failed(new IOException("the log of this master has ended by itself"));
      }
    }
  }

  private void later(Runnable change) {
    if (!closing) {
      events.execute(
          () -> {
            try {
              change.run();
            } catch (RuntimeException e) {
              role.failed(e);
            }
          });
    }
  }

  private void lead() {
    long term = division().getInfo().getCurrentTerm();
    if (!division().getInfo().isLeaderReady()) {
      return;
    }
    leading = term;
    try {
      role.lead(term, new ReplicatedLog(term, batch -> append(term, batch)));
    } catch (IOException e) {
      role.failed(e);
    }
  }

  private TermIndex catchUp(String leader) {
    try {
      Path fetched = role.fetchTables(HostPort.parsePeer(leader));
      return state.replaceTables(() -> role.replaceTables(fetched));
    } catch (IOException e) {
      LOG.warn("the leader's tables cannot be fetched yet: {}", e.getMessage());
      // Ratis goes on without tables when it is told that there are none.
      throw new UncheckedIOException(e);
    }
  }

  private void append(long term, ReplicatedState.Ready batch) throws IOException {
    long number = requests.incrementAndGet();
    state.expect(number, batch);
    ByteString entry = ByteString.copyFrom(batch.batch().toByteString().asReadOnlyByteBuffer());
    CompletableFuture<RaftClientReply> appended =
        server.submitClientRequestAsync(
            request(number, Message.valueOf(entry), RaftClientRequest.writeRequestType()));
    appended.whenComplete(
        (reply, failure) -> {
          state.forget(number);
          if (failure != null || !reply.isSuccess()) {
            notAppended(term, failure != null ? failure : reply.getException());
          }
        });
  }

  private RaftClientRequest request(long number, Message message, RaftClientRequest.Type type) {
    return RaftClientRequest.newBuilder()
        .setClientId(client)
        .setServerId(id.peerId())
        .setGroupId(group)
        .setCallId(number)
        .setMessage(message)
        .setType(type)
        .build();
  }

  /** A batch is missing, so that none after it may take effect: this leader gives up. */
  private void notAppended(long term, Throwable why) {
    if (leading == term) {
      LOG.warn("a batch was not appended, and this master follows: {}", why.toString());
      leading = 0;
      later(role::follow);
      stepDown();
    }
  }

  private void stepDown() {
    try {
      CompletableFuture<RaftClientReply> unused =
          server.transferLeadershipAsync(
              new TransferLeadershipRequest(
                  client,
                  id.peerId(),
                  group,
                  requests.incrementAndGet(),
                  null,
                  TRANSFER.toMillis()));
    } catch (IOException e) {
      LOG.debug("it follows already", e);
    }
  }

  private RaftServer.Division division() {
    try {
      return server.getDivision(group);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Collection<RaftPeer> peers() {
    return division().getRaftConf().getAllPeers();
  }

  /**
   * Whether this master leads for sure: no other one can have answered anything. True at one
   * moment, so that it is asked once more when an answer is ready.
   */
  public boolean holdsLease() {
    return leading != 0
        && !handingOver
        && followers.majorityAnsweredWithin(Timeouts.LEASE, peers(), id.peerId());
  }

  /** Has the tables say how far they are. */
  void mark() throws IOException {
    state.mark();
  }

  /** The cluster whose masters these are. */
  public String cluster() {
    return cluster;
  }

  /** The term it knows. */
  public long term() {
    return division().getInfo().getCurrentTerm();
  }

  public boolean isLeading() {
    return leading != 0;
  }

  /** The control address of the leader; empty when none is known. */
  public String leader() {
    RaftPeerId leader = division().getInfo().getLeaderId();
    RaftPeer peer = leader == null ? null : division().getRaftConf().getPeer(leader);
    return peer == null ? "" : peer.getClientAddress();
  }

  /** What is known of a member. */
  public record Standing(
      MemberId member,
      boolean self,
      boolean leads,
      long lastIndex,
      long applied,
      long silentMillis) {}

  /** All members, as this one knows them. */
  public List<Standing> members() {
    List<Standing> members = new ArrayList<>();
    RaftPeerId leader = division().getInfo().getLeaderId();
    for (RaftPeer peer : peers()) {
      boolean self = peer.getId().equals(id.peerId());
      FollowerInfo follower = leading == 0 || self ? null : followers.get(peer.getId());
      long last = 0;
      long applied = 0;
      long silent = 0;
      if (self) {
        last = division().getRaftLog().getNextIndex() - 1;
        applied = division().getInfo().getLastAppliedIndex();
      } else if (follower != null) {
        last = follower.getMatchIndex();
        applied = follower.getCommitIndex();
        silent = follower.getLastRpcResponseTime().elapsedTimeMs();
      }
      members.add(
          new Standing(
              MemberId.of(peer), self, peer.getId().equals(leader), last, applied, silent));
    }
    return members;
  }

  /** The control addresses of all members. */
  public List<String> addresses() {
    return peers().stream().map(RaftPeer::getClientAddress).sorted().toList();
  }

  /** Whether it is one of the members now. */
  public boolean isMember() {
    return division().getRaftConf().getPeer(id.peerId()) != null;
  }

  /**
   * Hands the leadership over. Nothing is served until another member leads, or it failed.
   *
   * @param to the control address of a member
   */
  public void moveLeadership(String to) throws CairnException {
    RaftPeer next = member(to);
    if (next.getId().equals(id.peerId())) {
      return;
    }
    handingOver = true;
    try {
      RaftClientReply reply =
          server.transferLeadership(
              new TransferLeadershipRequest(
                  client,
                  id.peerId(),
                  group,
                  requests.incrementAndGet(),
                  next.getId(),
                  TRANSFER.toMillis()));
      require(reply, "the leadership cannot be moved to " + to);
    } catch (IOException e) {
      throw ErrorCode.BUSY.because("the leadership cannot be moved: " + e.getMessage(), e);
    } finally {
      handingOver = false;
    }
  }

  /** The member with a control address. */
  private RaftPeer member(String address) throws CairnException {
    for (RaftPeer peer : peers()) {
      if (peer.getClientAddress().equals(address)) {
        return peer;
      }
    }
    throw ErrorCode.NO_ENTRY.because(
        "%s is no master of this cluster: its masters are %s"
            .formatted(address, String.join(", ", addresses())));
  }

  /**
   * Makes others members, each in place of one with the same address if there is one; returns when
   * they have caught up.
   */
  public void add(List<MemberId> joining) throws CairnException {
    List<RaftPeer> next = new ArrayList<>();
    for (RaftPeer peer : peers()) {
      if (joining.stream().noneMatch(one -> one.address().equals(peer.getClientAddress()))) {
        next.add(peer);
      }
    }
    joining.forEach(one -> next.add(one.raftPeer()));
    change(next, "the master cannot be added");
  }

  /** Takes a member off the list. */
  public void remove(String address) throws CairnException {
    RaftPeer gone = member(address);
    if (gone.getId().equals(id.peerId())) {
      throw ErrorCode.BUSY.because(address + " leads: move the leadership to another master first");
    }
    List<RaftPeer> next = new ArrayList<>(peers());
    next.removeIf(peer -> peer.getId().equals(gone.getId()));
    change(next, "the master cannot be removed");
  }

  private void change(List<RaftPeer> members, String otherwise) throws CairnException {
    try {
      RaftClientReply reply =
          server.setConfiguration(
              new SetConfigurationRequest(
                  client, id.peerId(), group, requests.incrementAndGet(), members));
      require(reply, otherwise);
    } catch (IOException e) {
      throw ErrorCode.BUSY.because(otherwise + ": " + e.getMessage(), e);
    }
  }

  private static void require(RaftClientReply reply, String otherwise) throws CairnException {
    if (!reply.isSuccess()) {
      throw ErrorCode.BUSY.because(otherwise + ": " + reply.getException().getMessage());
    }
  }

  /** Where the other masters find it. */
  public HostPort raftAddress() {
    return id.peer().raft();
  }

  /** Stops to take part; the tables stay the caller's. */
  @Override
  public void close() throws IOException {
    closing = true;
    leading = 0;
    server.close();
    started.countDown();
    events.shutdown();
    fetching.shutdown();
  }
}
