package dev.cairn.master.query;

import dev.cairn.master.backup.BackupSchedule;
import dev.cairn.master.decide.Defaults;
import dev.cairn.master.fleet.Capacity;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.fleet.RefusedServers;
import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.master.repair.Repairs;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.session.LiveLeases;
import dev.cairn.master.session.LiveSession;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Store;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.BadReplicaStatus;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.GetStatusReply;
import dev.cairn.rpc.proto.ScrubReply;
import dev.cairn.rpc.proto.ScrubRequest;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.proto.SessionStatus;
import dev.cairn.rpc.proto.StatFilesystemReply;
import java.util.HashMap;
import java.util.Map;

/** The state of the whole cluster. */
public final class ClusterQueries {

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long COUNT_LASTS_NANOS = 500 * NANOS_PER_MILLI;
  private static final int MOST_COUNTS = 3;
  private static final int MOST_BAD_REPLICAS_SHOWN = 1000;

  private final Store store;
  private final MetadataView latest;
  private final Defaults defaults;
  private final Time time;
  private final ClusterFacts facts;
  private final Fleet fleet;
  private final RefusedServers refused;
  private final ReplicaMap replicas;
  private final Repairs repairs;
  private final LiveSessions sessions;
  private final LiveLeases leases;
  private final BackupSchedule backups;
  private final MasterGroup group;
  private Count count;
  private volatile String http = "";

  public ClusterQueries(
      Store store,
      Defaults defaults,
      Time time,
      ClusterFacts facts,
      Fleet fleet,
      RefusedServers refused,
      ReplicaMap replicas,
      Repairs repairs,
      LiveSessions sessions,
      LiveLeases leases,
      BackupSchedule backups,
      MasterGroup group) {
    this.store = store;
    this.latest = new MetadataView(store);
    this.defaults = defaults;
    this.time = time;
    this.facts = facts;
    this.fleet = fleet;
    this.refused = refused;
    this.replicas = replicas;
    this.repairs = repairs;
    this.sessions = sessions;
    this.leases = leases;
    this.backups = backups;
    this.group = group;
  }

  /** The master serves metrics at that URL. */
  public void servesHttp(String url) {
    http = url;
  }

  public StatFilesystemReply capacity() {
    Capacity capacity = fleet.capacity();
    return StatFilesystemReply.newBuilder()
        .setTotalBytes(capacity.usableBytes() / defaults.replicas())
        .setFreeBytes(capacity.freeBytes() / defaults.replicas())
        .setInodes(latest.number(Meta.INODE_COUNT))
        .build();
  }

  /** Has chunk servers check their chunks; numbers grow with time, also over restarts. */
  public ScrubReply scrub(ScrubRequest request) throws CairnException {
    return fleet.scrub(request, time.now());
  }

  public GetStatusReply status() {
    long now = time.ticks();
    Count counted = counted(now);
    long missing = counted.missing();
    GetStatusReply.Builder reply =
        GetStatusReply.newBuilder()
            .setClusterId(facts.clusterId())
            .setVersion(facts.version())
            .setAddress(facts.address())
            .setHttp(http)
            .setUptimeMillis((now - facts.startTicks()) / NANOS_PER_MILLI)
            .setInodes(latest.number(Meta.INODE_COUNT))
            .setChunks(Math.max(missing, latest.number(Meta.CHUNK_COUNT)))
            .setUnderReplicatedChunks(counted.tally().withFewerThanWanted() + missing)
            .setMissingChunks(missing)
            .setUnreportedServers(fleet.unreported())
            .setGarbageChunks(latest.number(Meta.GARBAGE_COUNT))
            .setTrashEntries(latest.number(Meta.TRASH_COUNT))
            .setTrashBytes(latest.number(Meta.TRASH_BYTES))
            .setLeases(leases.count())
            .setDeletionsHeld(latest.whyDeletionsAreHeld())
            .setStrayChunks(latest.number(Meta.STRAY_COUNT))
            .setStorageFailure(store.failure())
            .setBackup(backups.status(Math.max(1, group.addresses().size())))
            .setDefaultReplicas(defaults.replicas())
            .setDefaultChunkSize(defaults.chunkSize());
    for (ChunkServerStatus server : fleet.status(now, time.now())) {
      reply.addServers(
          server.getDraining()
              ? server.toBuilder().setDrain(repairs.drain(server.getServerId())).build()
              : server);
    }
    reply.addAllRefusedServers(refused.status(now));
    Map<Long, Integer> locks = locksBySession();
    sessions
        .all()
        .forEach(
            session ->
                reply.addSessions(
                    status(session, now).setLocks(locks.getOrDefault(session.id(), 0))));
    Repairs.Progress repairing = repairs.progress();
    reply.setCopiesUnderWay(repairing.copiesUnderWay()).setRepairWaits(repairing.waits());
    reply.setChunksAwaitingMaintenance(
        Math.min(repairing.awaited(), reply.getUnderReplicatedChunks() - reply.getMissingChunks()));
    reply.setSpace(fleet.space().status());
    replicas.bad(MOST_BAD_REPLICAS_SHOWN).forEach(mark -> reply.addBadReplicas(status(mark)));
    replicas.suspects().stream()
        .filter(suspect -> !replicas.isBad(suspect.getChunk(), suspect.getServer()))
        .forEach(suspect -> reply.addSuspectReplicas(status(suspect)));
    ReplicaMap.PutAside aside = replicas.putAside();
    reply.setReplicasPutAside(aside.count());
    aside.latest().forEach(mark -> reply.addLatestPutAside(status(mark)));
    return reply.build();
  }

  /** Chunks and their replicas, counted at one time. */
  private record Count(long chunks, ReplicaMap.Tally tally, long ticks) {

    /** Chunks of which no replica can be read. */
    long missing() {
      return Math.max(0, chunks - tally.withReplica());
    }
  }

  private synchronized Count counted(long now) {
    if (count == null || now - count.ticks > COUNT_LASTS_NANOS) {
      count = count(now);
    }
    return count;
  }

  /**
   * Counts all chunks. Some come and go meanwhile: a chunk counts as missing only when it is so
   * whichever way that is taken, or none came or went.
   */
  private Count count(long now) {
    Count counted;
    int tries = 0;
    boolean steady;
    do {
      long before = latest.number(Meta.CHUNK_COUNT);
      ReplicaMap.Tally tally = replicas.tally();
      long after = latest.number(Meta.CHUNK_COUNT);
      steady = before == after;
      counted = new Count(Math.min(before, after), tally, now);
      tries++;
    } while (counted.missing() > 0 && !steady && tries < MOST_COUNTS);
    return counted;
  }

  private static SessionStatus.Builder status(LiveSession session, long now) {
    return SessionStatus.newBuilder()
        .setSessionId(session.id())
        .setDescription(session.description())
        .setSilentMillis((now - session.heardTicks()) / NANOS_PER_MILLI)
        .setOpenFiles(session.openCount())
        .setHttp(session.http());
  }

  private Map<Long, Integer> locksBySession() {
    Map<Long, Integer> locks = new HashMap<>();
    latest.allLocks(
        file ->
            file.getHeldList().forEach(held -> locks.merge(held.getSession(), 1, Integer::sum)));
    return locks;
  }

  private BadReplicaStatus status(MarkedReplica mark) {
    BadReplicaStatus.Builder status =
        BadReplicaStatus.newBuilder()
            .setChunkId(mark.getChunk())
            .setServerId(mark.getServer())
            .setReason(mark.getReason())
            .setReportedAt(mark.getReportedAt());
    try {
      ServerAddress address = fleet.address(mark.getServer());
      status.setHost(address.getHost()).setDataPort(address.getPort());
    } catch (CairnException e) {
      status.setHost("?");
    }
    return status.build();
  }
}
