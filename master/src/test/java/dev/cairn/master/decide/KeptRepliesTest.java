package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.RepliesForgotten;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.store.Cursor;
import dev.cairn.master.store.Layout;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.master.store.Table;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.RequestContext;
import dev.cairn.rpc.proto.SetLockReply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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

  /** Grants a request; answers the first number whose reply may be kept after it. */
  private long grant(long sequence, long answeredBelow, long firstKept) throws CairnException {
    RequestContext context =
        RequestContext.newBuilder()
            .setSessionId(session)
            .setSequence(sequence)
            .setAnsweredBelow(answeredBelow)
            .build();
    return core.run(
        (view, now) -> {
          List<Record> records = new ArrayList<>();
          records.add(SessionDecider.store(context, SetLockReply.getDefaultInstance()));
          RepliesForgotten forgotten = SessionDecider.forget(view, context, firstKept);
          if (forgotten == null) {
            return new Decision<>(records, firstKept);
          }
          records.add(Record.newBuilder().setRepliesForgotten(forgotten).build());
          return new Decision<>(records, forgotten.getBelow());
        });
  }

  private long kept() throws IOException {
    core.write();
    long kept = 0;
    try (Cursor rows = core.tables().cursor(Table.REPLIES, Layout.u64(session))) {
      for (boolean there = rows.seek(Layout.u64(session)); there; there = rows.next()) {
        kept++;
      }
    }
    return kept;
  }

  @Test
  void numbersThatAreSkipped_keepNoRepliesBehind() throws CairnException, IOException {
    long firstKept = 1;
    for (int i = 0; i < REQUESTS; i++) {
      long sequence = 1 + i * SKIPPED;
      firstKept = grant(sequence, sequence, firstKept);
      assertTrue(kept() <= 2, i + " requests: " + kept() + " replies are kept");
    }
  }

  @Test
  void repliesThatTheClientHas_areForgottenInSteps() throws CairnException, IOException {
    long firstKept = 1;
    for (int sequence = 1; sequence <= 10_000; sequence++) {
      firstKept = grant(sequence, 1, firstKept);
    }
    assertEquals(10_000, kept());
    for (int sequence = 10_001; sequence <= 10_004; sequence++) {
      firstKept = grant(sequence, sequence, firstKept);
    }
    assertEquals(1, kept());
  }
}
