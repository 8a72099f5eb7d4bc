package dev.cairn.master;

import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.fleet.RefusedServers;
import dev.cairn.master.repair.Repairs;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.session.LiveGrants;
import dev.cairn.master.session.LiveLeases;
import dev.cairn.master.session.LiveLocks;
import dev.cairn.master.session.LiveSessions;
import dev.cairn.master.session.LockWaits;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.Store;
import dev.cairn.master.time.Time;
import dev.cairn.master.upkeep.Orphans;
import java.util.List;
import java.util.random.RandomGenerator;

/** What a master knows in memory only, or keeps a copy of there. */
record Memory(
    LiveSessions sessions,
    Fleet fleet,
    RefusedServers refusedServers,
    ReplicaMap replicas,
    Orphans orphans,
    LiveLocks locks,
    LiveGrants grants,
    LockWaits lockWaits,
    LiveLeases leases,
    Repairs repairs) {

  /** As it is at the start: what the tables say, and nothing of where chunks are. */
  static Memory of(MasterSettings settings, Store store, Time time, RandomGenerator random) {
    MetadataView latest = new MetadataView(store);
    LiveSessions sessions = new LiveSessions(latest, settings.sessions(), time.ticks());
    Fleet fleet = new Fleet(latest, settings.deadAfter(), time.ticks());
    List<Integer> unused = fleet.endMaintenance(time.now());
    ReplicaMap replicas = new ReplicaMap(latest, fleet, time, settings.sessions().timeToLive());
    return new Memory(
        sessions,
        fleet,
        new RefusedServers(),
        replicas,
        new Orphans(latest, sessions),
        new LiveLocks(latest),
        new LiveGrants(latest),
        new LockWaits(sessions, latest, settings.defaults()),
        new LiveLeases(latest, sessions, time.now(), time.ticks()),
        new Repairs(settings.repair(), fleet, replicas, latest, time, random));
  }
}
