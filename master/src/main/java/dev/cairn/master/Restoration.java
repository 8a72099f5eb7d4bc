package dev.cairn.master;

import dev.cairn.master.decide.SessionDecider;
import dev.cairn.master.log.StoreLog;
import dev.cairn.master.record.proto.DeletionsHeld;
import dev.cairn.master.record.proto.MasterStarted;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.StateMachine;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Store;
import dev.cairn.rpc.backup.Manifest;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows from tables that are a backup. A master ran on after it was made, and clients and
 * chunk servers may know what that master did. So, before anybody is heard:
 *
 * <ul>
 *   <li>Nothing is deleted on chunk servers until an operator says so: they may hold the only trace
 *       of later files.
 *   <li>No id is given out that may have been given out since. How many those are is judged by the
 *       time: a million inodes, sessions and leases and 2^35 chunks for each second, and for a day
 *       more. 2^35 chunks are half a million grants of 65,536, and a start after a kill takes 2^40:
 *       so a cluster whose master was killed more often than every 32 seconds, all the time, may
 *       get the id of a chunk twice. Unless a chunk server that is there has it: ids that servers
 *       report are passed over, too.
 *   <li>All sessions end, and with them locks, leases and grants: a client that lived on has one
 *       that this state does not know, or knows in an older state than the client does.
 *   <li>No chunk of before is appended to: servers may hold bytes at its end that came later.
 * </ul>
 */
final class Restoration {

  private static final Logger LOG = LoggerFactory.getLogger(Restoration.class);

  static final long INODES_PER_SECOND = 1L << 20;
  static final long CHUNKS_PER_SECOND = 1L << 35;
  private static final int SERVERS = 16;
  private static final long LEAST_SECONDS = TimeUnit.DAYS.toSeconds(1);

  /** More seconds than that would take a quarter of all ids. */
  private static final long MOST_SECONDS = 1L << 26;

  private Restoration() {}

  /** Makes it part of the state that the tables are a backup; on the disk when this returns. */
  static void record(Store store, StoreLog log, long now) throws IOException {
    long taken = store.backupTaken();
    if (taken == 0) {
      return;
    }
    Overlay effects = new Overlay(store);
    StateMachine machine = new StateMachine(effects);
    apply(new MetadataView(effects), machine, taken, now);
    log.append(effects);
    log.force();
    store.backupIsRecorded();
    LOG.warn(
        "the tables are {}: what came later is not known, all sessions are over, and chunk servers"
            + " delete nothing until 'cairn resume-deletions'",
        shown(taken));
  }

  private static String shown(long taken) {
    return "the backup of " + Manifest.instant(taken).truncatedTo(ChronoUnit.SECONDS);
  }

  private static void apply(MetadataView view, StateMachine machine, long taken, long now) {
    List<Session> sessions = new ArrayList<>();
    view.sessions(sessions::add);
    for (Session session : sessions) {
      SessionDecider.end(view, session.getId()).records().forEach(machine::apply);
    }
    // Those of users, which belong to no session.
    List<Record> records = new ArrayList<>();
    view.leasesFrom(
        0,
        lease -> {
          records.add(Record.newBuilder().setLeaseEnded(lease.getInode()).build());
          return true;
        });
    String reason =
        "the master was restored from %s, which does not know what came later"
            .formatted(shown(taken));
    records.add(
        Record.newBuilder().setDeletionsHeld(DeletionsHeld.newBuilder().setReason(reason)).build());
    records.add(Record.newBuilder().setMasterStarted(start(view, taken, now)).build());
    records.forEach(machine::apply);
  }

  private static MasterStarted start(MetadataView view, long taken, long now) {
    long elapsed = TimeUnit.NANOSECONDS.toSeconds(Math.max(0, now - taken));
    long seconds = LEAST_SECONDS + Math.min(elapsed, MOST_SECONDS);
    long chunk = view.number(Meta.NEXT_CHUNK) + seconds * CHUNKS_PER_SECOND;
    long others = seconds * INODES_PER_SECOND;
    return MasterStarted.newBuilder()
        .setNextInode(view.number(Meta.NEXT_INODE) + others)
        .setNextChunk(chunk)
        .setNextSession(view.number(Meta.NEXT_SESSION) + others)
        .setNextLease(view.number(Meta.NEXT_LEASE) + others)
        .setNextServer((int) Math.max(1, view.number(Meta.NEXT_SERVER)) + SERVERS)
        .setExtendedFrom(chunk)
        .build();
  }
}
