package dev.cairn.master;

import dev.cairn.master.log.StoreLog;
import dev.cairn.master.record.proto.MasterStarted;
import dev.cairn.master.record.proto.MasterStopped;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.StateMachine;
import dev.cairn.master.store.Layout.Meta;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Store;
import java.io.IOException;

/**
 * The records of a master's start and stop, which keep ids from being given out twice. When the
 * machine loses power, the last records may be missing from the log, and with them what was given
 * out: a chunk server may have a chunk, or a kernel pages of a file, of an id that is free by the
 * tables. So a start that does not follow a stop in order skips more ids than can be missing.
 */
final class Serving {

  /**
   * The tables' log is cut at 64 MiB, and what was cut off is on the disk: fewer inodes, sessions
   * and leases than that can be missing, and fewer grants of 65,536 chunk ids each.
   */
  static final long SKIPPED = 1L << 24;

  static final long SKIPPED_CHUNKS = 1L << 40;

  private Serving() {}

  /** Records a start, on the disk when this returns. */
  static void begins(Store store, StoreLog log) throws IOException {
    MetadataView view = new MetadataView(store);
    MasterStarted.Builder start = MasterStarted.newBuilder();
    if (view.number(Meta.STOPPED) == 0) {
      start
          .setNextInode(view.number(Meta.NEXT_INODE) + SKIPPED)
          .setNextChunk(view.number(Meta.NEXT_CHUNK) + SKIPPED_CHUNKS)
          .setNextSession(view.number(Meta.NEXT_SESSION) + SKIPPED)
          .setNextLease(view.number(Meta.NEXT_LEASE) + SKIPPED);
    }
    record(store, log, Record.newBuilder().setMasterStarted(start).build());
  }

  /** Records a stop; nothing else may be recorded behind it. */
  static void ends(Store store, StoreLog log) throws IOException {
    record(
        store,
        log,
        Record.newBuilder().setMasterStopped(MasterStopped.getDefaultInstance()).build());
  }

  private static void record(Store store, StoreLog log, Record record) throws IOException {
    Overlay effects = new Overlay(store);
    new StateMachine(effects).apply(record);
    log.append(effects);
    log.force();
  }
}
