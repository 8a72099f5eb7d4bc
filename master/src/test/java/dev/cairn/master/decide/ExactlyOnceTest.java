package dev.cairn.master.decide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.master.record.proto.Record;
import dev.cairn.master.record.proto.Session;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.EndLeaseReply;
import dev.cairn.rpc.proto.RequestContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests of a session, each of which is granted with a reply of its own. */
final class ExactlyOnceTest {

  private static final long MOST = ExactlyOnce.MOST_REPLIES_KEPT;

  private final MemoryStore store = new MemoryStore();
  private DecisionCore core;
  private long session;
  private long made;

  @BeforeEach
  void openSession() throws CairnException, IOException {
    core = new DecisionCore(store);
    Session opened = core.run((view, now) -> SessionDecider.open(view, "test", "", 1));
    session = opened.getId();
  }

  private RequestContext request(long sequence, long answeredBelow) {
    return RequestContext.newBuilder()
        .setSessionId(session)
        .setEpoch(1)
        .setSequence(sequence)
        .setAnsweredBelow(answeredBelow)
        .build();
  }

  private Decision<EndLeaseReply> decide(MetadataView view, RequestContext request)
      throws CairnException {
    return ExactlyOnce.decide(
        view,
        request,
        EndLeaseReply.getDefaultInstance(),
        () -> Decision.replyOnly(EndLeaseReply.newBuilder().setSessionId(made + 1).build()));
  }

  /** Grants a request; returns how many were granted before it, it included. */
  private long grant(long sequence, long answeredBelow) throws CairnException {
    EndLeaseReply reply = core.run((view, now) -> decide(view, request(sequence, answeredBelow)));
    made = Math.max(made, reply.getSessionId());
    return reply.getSessionId();
  }

  private void refuse(ErrorCode code, long sequence, long answeredBelow) {
    CairnException why =
        assertThrows(CairnException.class, () -> grant(sequence, answeredBelow), "granted");
    assertEquals(code, why.code(), why.getMessage());
  }

  @Test
  void repetition_getsTheReplyThatWasGiven() throws CairnException {
    assertEquals(1, grant(1, 1));
    assertEquals(2, grant(2, 1));
    assertEquals(1, grant(1, 1));
    assertEquals(2, grant(2, 2));
    assertEquals(3, grant(3, 2));
  }

  @Test
  void requestWhoseReplyTheClientHas_isNotMadeAgain() throws CairnException {
    assertEquals(1, grant(1, 1));
    assertEquals(2, grant(2, 2));
    refuse(ErrorCode.SESSION_EXPIRED, 1, 1);
  }

  @Test
  void decision_changesNothing_soThatItCanBeMadeAgain() throws CairnException {
    assertEquals(1, grant(1, 1));
    List<Record> first = decide(core.view(), request(5, 2)).records();
    List<Record> again = decide(core.view(), request(5, 2)).records();
    assertEquals(first, again);
    assertEquals(1, grant(1, 1), "the reply is kept until the decision is applied");
    assertEquals(2, grant(5, 2));
    refuse(ErrorCode.SESSION_EXPIRED, 1, 1);
  }

  @Test
  void decisionsThatWereDropped_areMadeAgain_andForgetNothing() throws Exception {
    assertEquals(1, grant(1, 1));
    core.write();
    assertEquals(2, grant(2, 2));
    core.drop();
    assertEquals(1, grant(1, 1));
    assertEquals(3, grant(2, 2));
    refuse(ErrorCode.SESSION_EXPIRED, 1, 1);
  }

  @Test
  void requestThatWasNotGrantedYet_mayComeBehindLaterOnes_afterARestartAsWell() throws Exception {
    assertEquals(1, grant(1, 1));
    assertEquals(2, grant(3, 2));
    core.write();
    List<Record> late = new ArrayList<>(decide(new MetadataView(store), request(2, 2)).records());
    assertEquals(1, late.size());
    assertEquals(2, late.get(0).getReplyStored().getSequence());
    core.drop();
    assertEquals(3, grant(2, 2));
    refuse(ErrorCode.SESSION_EXPIRED, 1, 1);
  }

  @Test
  void sessionThatEnded_isRefused_andWhatItKeptIsClearedAway() throws Exception {
    assertEquals(1, grant(60_000, 1));
    assertEquals(true, core.run((view, now) -> SessionDecider.end(view, session)));
    refuse(ErrorCode.SESSION_EXPIRED, 60_000, 1);
    long cleared = session;
    while (cleared != 0) {
      cleared = core.run((view, now) -> ReapDecider.endedReplies(view, 1));
    }
    assertEquals(0, core.view().firstSessionWithReplies(1));
  }

  @Test
  void aClientThatNeverSaysWhatItHas_isRefusedBeyondTheBound() throws CairnException {
    for (long sequence = 1; sequence <= 1 + MOST; sequence++) {
      assertEquals(sequence, grant(sequence, 0));
    }
    refuse(ErrorCode.OVERLOADED, 2 + MOST, 0);
    refuse(ErrorCode.OVERLOADED, 2 + MOST, 1);
  }

  @Test
  void aClientThatHasTheReplies_goesOnAtOnce() throws CairnException {
    assertEquals(1, grant(1, 1));
    refuse(ErrorCode.OVERLOADED, 2 + MOST, 1);
    assertEquals(2, grant(2 + MOST, 2));
    assertEquals(3, grant(2, 2));
    refuse(ErrorCode.OVERLOADED, 3 + MOST, 2);
  }
}
