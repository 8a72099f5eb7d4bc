package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.record.proto.Session;
import dev.cairn.master.store.Cursor;
import dev.cairn.master.store.Layout;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.master.store.Table;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.SetLockReply;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Replies that are kept for a session whose requests skip numbers. */
final class KeptRepliesTest {

  private static final long SKIPPED = 1 << 20;
  private static final int REQUESTS = 50;

  private DecisionCore core;
  private long session;

  @BeforeEach
  void openSession() throws CairnException, IOException {
    core = new DecisionCore(new MemoryStore());
    Session opened = core.run((view, now) -> SessionDecider.open(view, "test", "", 1));
    session = opened.getId();
  }

  private void grant(long sequence, long answeredBelow) throws CairnException {
    RequestContext context =
        RequestContext.newBuilder()
            .setSessionId(session)
            .setEpoch(1)
            .setSequence(sequence)
            .setAnsweredBelow(answeredBelow)
            .build();
    SetLockReply unused =
        core.run(
            (view, now) ->
                ExactlyOnce.decide(
                    view,
                    context,
                    SetLockReply.getDefaultInstance(),
                    () -> Decision.replyOnly(SetLockReply.getDefaultInstance())));
  }

  private long kept() throws IOException {
    core.write();
    long kept = 0;
    try (Cursor rows = core.tables().cursor(Table.REPLIES, Layout.u64(session))) {
      for (boolean there = rows.seek(Layout.pair(session, 1)); there; there = rows.next()) {
        kept++;
      }
    }
    return kept;
  }

  @Test
  void numbersThatAreSkipped_keepNoRepliesBehind() throws CairnException, IOException {
    for (int i = 0; i < REQUESTS; i++) {
      long sequence = 1 + i * SKIPPED;
      grant(sequence, sequence);
      assertTrue(kept() <= 2, i + " requests: " + kept() + " replies are kept");
    }
  }

  @Test
  void repliesThatTheClientHas_areForgottenInSteps() throws CairnException, IOException {
    for (int sequence = 1; sequence <= 10_000; sequence++) {
      grant(sequence, 1);
    }
    assertEquals(10_000, kept());
    for (int sequence = 10_001; sequence <= 10_004; sequence++) {
      grant(sequence, sequence);
    }
    assertEquals(1, kept());
  }
}
