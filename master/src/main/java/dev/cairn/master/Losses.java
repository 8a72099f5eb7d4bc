package dev.cairn.master;

import dev.cairn.master.log.StoreLog;
import dev.cairn.master.record.proto.DeletionsHeld;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.StateMachine;
import dev.cairn.master.store.Overlay;
import dev.cairn.master.store.Store;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows from a store that has lost changes: the state may lack files whose chunks are on
 * chunk servers, and have files that were deleted. So nothing is deleted there until an operator
 * says so, and no id is given out that the lost changes may have given out.
 */
final class Losses {

  private static final Logger LOG = LoggerFactory.getLogger(Losses.class);

  private Losses() {}

  /** Makes a loss of the store part of the state; on the disk when this returns. */
  static void record(Store store, StoreLog log) throws IOException {
    String loss = store.loss();
    if (loss.isEmpty()) {
      return;
    }
    Record held =
        Record.newBuilder().setDeletionsHeld(DeletionsHeld.newBuilder().setReason(loss)).build();
    Overlay effects = new Overlay(store);
    new StateMachine(effects).apply(held);
    log.append(effects);
    log.force();
    store.lossIsRecorded();
    LOG.warn("chunk servers delete nothing until 'cairn resume-deletions': {}", loss);
  }
}
