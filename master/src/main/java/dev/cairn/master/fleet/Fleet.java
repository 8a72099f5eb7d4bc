package dev.cairn.master.fleet;

import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.state.MetadataView;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.HeartbeatReply;
import dev.cairn.rpc.proto.ScrubReply;
import dev.cairn.rpc.proto.ScrubRequest;
import dev.cairn.rpc.proto.ScrubStatus;
import dev.cairn.rpc.proto.ServerAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All chunk servers there ever were. */
public final class Fleet {

  private static final Logger log = LoggerFactory.getLogger(Fleet.class);
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Map<Integer, FleetServer> servers = new TreeMap<>();
  private final Duration deadAfter;

  /** Replaced as a whole; readers take it without the lock. */
  private volatile BitSet living = new BitSet();

  /** The servers that are to be emptied; replaced as a whole, too. */
  private volatile BitSet draining = new BitSet();

  private volatile long changes;

  public Fleet(MetadataView view, Duration deadAfter, long nowTicks) {
    this.deadAfter = deadAfter;
    view.servers(row -> servers.put(row.getId(), new FleetServer(row, nowTicks)));
    updateLiving();
  }

  /** The master listens from now on: before, nobody could make himself heard. */
  public synchronized void listening(long nowTicks) {
    servers.values().forEach(server -> server.heardTicks = nowTicks);
  }

  /** Follows the state. */
  public synchronized void changed(ChunkServer row) {
    FleetServer server = servers.get(row.getId());
    if (server != null) {
      ChunkServer before = server.row;
      server.row = row;
      server.maintained = row.getMaintenanceUntil() != 0;
      updateLiving();
      if (before.getDraining() != row.getDraining()) {
        logChange(
            row,
            row.getDraining()
                ? "being drained: its chunks are copied to other servers"
                : "no longer to be drained");
      }
      if (before.getMaintenanceUntil() != row.getMaintenanceUntil()) {
        logChange(
            row,
            server.maintained
                ? "in maintenance: its chunks are not copied while it is away"
                : "no longer in maintenance");
      }
    }
  }

  private static void logChange(ChunkServer row, String now) {
    log.info("chunk server {} at {} is {}", row.getId(), shown(row), now);
  }

  /** Ends each maintenance whose time is over; answers the servers. */
  public synchronized List<Integer> endMaintenance(long now) {
    List<Integer> ended = new ArrayList<>();
    for (FleetServer server : servers.values()) {
      if (server.maintained && server.row.getMaintenanceUntil() <= now) {
        server.maintained = false;
        updateLiving();
        ended.add(server.row.getId());
      }
    }
    return ended;
  }

  /**
   * The servers in maintenance that are away.
   *
   * @param known those that have been there since the master started, so that their chunks are
   *     known
   * @param unknown how many others there are
   */
  public record Maintained(BitSet known, int unknown) {}

  /** The servers in maintenance that are away now. */
  public synchronized Maintained maintainedAway() {
    BitSet known = new BitSet();
    int unknown = 0;
    for (FleetServer server : servers.values()) {
      if (server.maintained && server.state != FleetServer.State.LIVING) {
        if (server.wasReported) {
          known.set(server.row.getId());
        } else {
          unknown++;
        }
      }
    }
    return new Maintained(known, unknown);
  }

  /** Follows the state. */
  public synchronized void forgotten(int id) {
    FleetServer server = servers.remove(id);
    if (server != null) {
      updateLiving();
      log.info("chunk server {} at {} is forgotten", id, shown(server.row));
    }
  }

  /**
   * Refuses a process that says it is a server which another process is, see {@link Admission}.
   *
   * @throws CairnException {@code IDENTITY_IN_USE}
   */
  public synchronized void checkSecond(ChunkServer asking, long incarnation, long nowTicks)
      throws CairnException {
    FleetServer server = servers.get(asking.getId());
    boolean silent = server != null && nowTicks - server.heardTicks > deadAfter.toNanos();
    Admission.check(server, asking, incarnation, silent);
  }

  /** Why a process is a server no longer: another one registered as it since. Or empty. */
  public synchronized String replaced(int id, long incarnation) {
    FleetServer server = servers.get(id);
    boolean other =
        server != null
            && server.state == FleetServer.State.LIVING
            && server.incarnation != incarnation;
    return other ? Admission.replaced(server) : "";
  }

  /** The server serves metrics at that URL; empty: it does not. */
  public synchronized void servesHttp(int id, String url) {
    FleetServer server = servers.get(id);
    if (server != null) {
      server.http = url;
    }
  }

  /** The server's process ends: another one may take its place at once. */
  public synchronized void leaves(int id) {
    FleetServer server = servers.get(id);
    if (server != null) {
      server.left = true;
    }
  }

  /** The uuid of a server that is known; empty for others. */
  public synchronized String uuid(int id) {
    FleetServer server = servers.get(id);
    return server == null ? "" : server.row.getUuid();
  }

  /** A server registered: it lives, and its locations are yet to be reported. */
  public synchronized void registered(
      ChunkServer row, List<DiskStatus> disks, long incarnation, long nowTicks) {
    FleetServer server = servers.computeIfAbsent(row.getId(), id -> new FleetServer(row, nowTicks));
    boolean news = server.state != FleetServer.State.LIVING;
    if (server.incarnation != incarnation && server.incarnation != FleetServer.NO_INCARNATION) {
      server.replaced.add(server.incarnation);
    }
    if (!shown(server.row).equals(shown(row))) {
      log.info("chunk server {} moved from {} to {}", row.getId(), shown(server.row), shown(row));
    }
    server.incarnation = incarnation;
    server.replaced.remove(incarnation);
    server.left = false;
    server.row = row;
    server.state = FleetServer.State.LIVING;
    if (server.reported || news) {
      server.unreportedSinceTicks = nowTicks;
    }
    server.reported = false;
    server.closed = false;
    server.disks = List.copyOf(disks);
    server.heardTicks = nowTicks;
    updateLiving();
    if (news) {
      log.info("chunk server {} at {} is there", row.getId(), shown(row));
    }
  }

  /** The server's report of its chunks is complete. */
  public synchronized void reported(int id) {
    FleetServer server = servers.get(id);
    if (server != null) {
      server.reported = true;
      server.wasReported = true;
      changeSeen();
    }
  }

  /** The server is at saying what it holds, which may take long; false when it has to register. */
  public synchronized boolean reports(int id, long nowTicks) {
    FleetServer server = servers.get(id);
    if (server == null || server.state != FleetServer.State.LIVING) {
      return false;
    }
    server.heardTicks = nowTicks;
    return true;
  }

  /** Takes a heartbeat; false when the server has to register (again). */
  public synchronized boolean heard(
      int id, List<DiskStatus> disks, long chunkCount, int connections, long nowTicks) {
    FleetServer server = servers.get(id);
    if (server == null || server.state != FleetServer.State.LIVING) {
      return false;
    }
    server.heardTicks = nowTicks;
    server.disks = List.copyOf(disks);
    server.chunkCount = chunkCount;
    server.connections = connections;
    return true;
  }

  /** Takes what a server says of its scrubbing, and adds what it is asked for. */
  public synchronized void scrubs(int id, ScrubStatus status, HeartbeatReply.Builder reply) {
    FleetServer server = servers.get(id);
    if (server != null) {
      server.scrub = status;
      reply.setScrubRequest(server.scrubRequest).setScrubFullSpeed(server.scrubFullSpeed);
    }
  }

  /** Tells a server whether it is drained, and takes whether it keeps clients' bytes out by now. */
  public synchronized void drains(
      int id, boolean closed, long nowTicks, HeartbeatReply.Builder reply) {
    FleetServer server = servers.get(id);
    if (server != null) {
      if (closed != server.closed) {
        server.closed = closed;
        server.closedSinceTicks = nowTicks;
      }
      reply.setDraining(server.row.getDraining());
    }
  }

  /** Whether the server has kept clients' bytes out for so long, or is dead. */
  public synchronized boolean isClosed(int id, Duration longEnough, long nowTicks) {
    FleetServer server = servers.get(id);
    return server == null
        || server.state == FleetServer.State.DEAD
        || (server.closed && nowTicks - server.closedSinceTicks >= longEnough.toNanos());
  }

  /** Whether the server is to be emptied. */
  public boolean isDraining(int id) {
    return draining.get(id);
  }

  /** The servers that are to be emptied. */
  public List<Integer> draining() {
    return draining.stream().boxed().toList();
  }

  /** Whether the server has been silent for so long that it counts as dead. */
  public synchronized boolean isDead(int id) {
    FleetServer server = servers.get(id);
    return server != null && server.state == FleetServer.State.DEAD;
  }

  /**
   * Has living servers read and check all their chunks, with their next heartbeats.
   *
   * @param number larger than any before
   * @throws CairnException NO_SERVERS when one of them does not live, or none does
   */
  public synchronized ScrubReply scrub(ScrubRequest request, long number) throws CairnException {
    ScrubReply.Builder reply = ScrubReply.newBuilder().setRequest(number);
    for (FleetServer server : servers.values()) {
      boolean all = request.getServerIdsCount() == 0;
      if (server.state == FleetServer.State.LIVING
          && (all || request.getServerIdsList().contains(server.row.getId()))) {
        reply.addServerIds(server.row.getId());
      }
    }
    for (int id : request.getServerIdsList()) {
      if (!reply.getServerIdsList().contains(id)) {
        throw ErrorCode.NO_SERVERS.because("there is no living chunk server " + id);
      }
    }
    if (reply.getServerIdsCount() == 0) {
      throw ErrorCode.NO_SERVERS.because("no chunk server lives");
    }
    for (int id : reply.getServerIdsList()) {
      FleetServer server = servers.get(id);
      server.scrubRequest = number;
      server.scrubFullSpeed = request.getFullSpeed();
    }
    return reply.build();
  }

  /** Declares dead what has been silent for too long. */
  public synchronized void buryTheSilent(long nowTicks) {
    for (FleetServer server : servers.values()) {
      long silentNanos = nowTicks - server.heardTicks;
      if (server.state != FleetServer.State.DEAD && silentNanos > deadAfter.toNanos()) {
        server.state = FleetServer.State.DEAD;
        updateLiving();
        log.warn(
            "chunk server {} at {} is dead: silent for {} ms",
            server.row.getId(),
            shown(server.row),
            silentNanos / NANOS_PER_MILLI);
      }
    }
  }

  private void updateLiving() {
    BitSet nowLiving = new BitSet();
    BitSet nowDraining = new BitSet();
    for (FleetServer server : servers.values()) {
      nowLiving.set(server.row.getId(), server.state == FleetServer.State.LIVING);
      nowDraining.set(server.row.getId(), server.row.getDraining());
    }
    living = nowLiving;
    draining = nowDraining;
    changeSeen();
  }

  private synchronized void changeSeen() {
    changes++;
  }

  /** Grows when servers come, go or complete their reports. */
  public long changes() {
    return changes;
  }

  public boolean lives(int id) {
    return living.get(id);
  }

  /** Whether there ever was such a server. */
  public synchronized boolean knows(int id) {
    return servers.containsKey(id);
  }

  /** Whether all living servers, and all there were at the start, have reported their chunks. */
  public synchronized boolean allReported() {
    return unreported() == 0;
  }

  /** Whether no server is away, and each has said what it holds: what is not there is nowhere. */
  public synchronized boolean allLiveAndReported() {
    return servers.values().stream()
        .allMatch(server -> server.state == FleetServer.State.LIVING && server.reported);
  }

  /**
   * Whether a server that may hold chunks has yet to say which: what seems to be missing may be
   * there. One that keeps registering and never says is not waited for longer than that.
   */
  public synchronized boolean awaitsReports(Duration longest, long nowTicks) {
    for (FleetServer server : servers.values()) {
      boolean silent = server.state != FleetServer.State.DEAD && !server.reported;
      if (silent && nowTicks - server.unreportedSinceTicks < longest.toNanos()) {
        return true;
      }
    }
    return false;
  }

  /** Whether some that were there before the master started have yet to come back. */
  public synchronized boolean awaitsSome() {
    return servers.values().stream().anyMatch(s -> s.state == FleetServer.State.KNOWN);
  }

  /** How many servers have yet to say which chunks they hold. */
  public synchronized int unreported() {
    int count = 0;
    for (FleetServer server : servers.values()) {
      count += server.state != FleetServer.State.DEAD && !server.reported ? 1 : 0;
    }
    return count;
  }

  /** The living servers that may get replicas, for placement: not those to be emptied. */
  public synchronized List<Candidate> candidates(long nowTicks) {
    List<Candidate> candidates = new ArrayList<>();
    for (FleetServer server : servers.values()) {
      boolean stays = !server.row.getDraining() && !server.left;
      if (server.state == FleetServer.State.LIVING && stays) {
        Capacity room = server.capacity();
        candidates.add(
            new Candidate(
                server.row.getId(),
                server.row.getZone(),
                room.totalBytes(),
                room.freeBytes(),
                (nowTicks - server.heardTicks) / NANOS_PER_MILLI,
                server.connections,
                server.maintained));
      }
    }
    return candidates;
  }

  /** The room on the disks of the living servers, but for those to be emptied. */
  public synchronized Capacity capacity() {
    List<DiskStatus> disks = new ArrayList<>();
    for (FleetServer server : servers.values()) {
      if (server.state == FleetServer.State.LIVING && !server.row.getDraining()) {
        disks.addAll(server.disks);
      }
    }
    return Capacity.of(disks);
  }

  /** The room on the disks of all living servers. */
  public synchronized Capacity space() {
    List<DiskStatus> disks = new ArrayList<>();
    for (FleetServer server : servers.values()) {
      if (server.state == FleetServer.State.LIVING) {
        disks.addAll(server.disks);
      }
    }
    return Capacity.of(disks);
  }

  /** The zone of a server; empty when it has none or is not known. */
  public synchronized String zone(int id) {
    FleetServer server = servers.get(id);
    return server == null ? "" : server.row.getZone();
  }

  /** The dead servers, for messages. */
  public synchronized List<String> dead() {
    List<String> dead = new ArrayList<>();
    for (FleetServer server : servers.values()) {
      if (server.state == FleetServer.State.DEAD) {
        dead.add(server.row.getId() + " at " + shown(server.row));
      }
    }
    return dead;
  }

  /** The data port of a server that is known. */
  public synchronized ServerAddress address(int id) throws CairnException {
    FleetServer server = servers.get(id);
    if (server == null) {
      throw ErrorCode.UNREGISTERED.because("there is no chunk server " + id);
    }
    return server.address();
  }

  /** The data ports of those servers that are known. */
  public synchronized List<ServerAddress> addresses(List<Integer> ids) {
    List<ServerAddress> addresses = new ArrayList<>();
    for (int id : ids) {
      FleetServer server = servers.get(id);
      if (server != null) {
        addresses.add(server.address());
      }
    }
    return addresses;
  }

  /** For messages: HOST:PORT, or the number of a server that is not known. */
  public synchronized String shown(int id) {
    FleetServer server = servers.get(id);
    return server == null ? "chunk server " + id : shown(server.row);
  }

  private static String shown(ChunkServer row) {
    return new HostPort(row.getHost(), row.getDataPort()).toString();
  }

  public synchronized List<ServerAddress> livingAddresses() {
    List<ServerAddress> addresses = new ArrayList<>();
    for (FleetServer server : servers.values()) {
      if (server.state == FleetServer.State.LIVING) {
        addresses.add(server.address());
      }
    }
    return addresses;
  }

  /**
   * How all servers are.
   *
   * @param now the time of day, by which maintenance ends
   */
  public synchronized List<ChunkServerStatus> status(long nowTicks, long now) {
    List<ChunkServerStatus> all = new ArrayList<>();
    for (FleetServer server : servers.values()) {
      all.add(
          ChunkServerStatus.newBuilder()
              .setServerId(server.row.getId())
              .setHost(server.row.getHost())
              .setDataPort(server.row.getDataPort())
              .setZone(server.row.getZone())
              .setVersion(server.row.getVersion())
              .setAlive(server.state == FleetServer.State.LIVING)
              .setSilentMillis((nowTicks - server.heardTicks) / NANOS_PER_MILLI)
              .setChunks(server.chunkCount)
              .addAllDisks(server.disks)
              .setScrub(server.scrub)
              .setDraining(server.row.getDraining())
              .setAwaited(server.state == FleetServer.State.KNOWN)
              .setReported(server.state == FleetServer.State.LIVING && server.reported)
              .setStopped(server.left)
              .setMaintenanceLeftMillis(
                  Math.max(0, server.row.getMaintenanceUntil() - now) / NANOS_PER_MILLI)
              .setSpace(server.capacity().status())
              .setHttp(server.http)
              .build());
    }
    return all;
  }
}
