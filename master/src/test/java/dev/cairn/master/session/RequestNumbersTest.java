package dev.cairn.master.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.RequestContext;
import org.junit.jupiter.api.Test;

/** The bound of the replies that are kept for one session. */
final class RequestNumbersTest {

  private static final long MOST = RequestNumbers.MOST_REPLIES_KEPT;

  private final RequestNumbers numbers = new RequestNumbers(1, true, 0, 0);

  private void grant(long sequence, long answeredBelow) throws CairnException {
    RequestContext request =
        RequestContext.newBuilder().setSequence(sequence).setAnsweredBelow(answeredBelow).build();
    numbers.heard(request);
    numbers.requireUnanswered(sequence);
    numbers.requireRoom(request);
    numbers.replyKept(sequence, answeredBelow);
  }

  private void refuse(long sequence, long answeredBelow) {
    CairnException why =
        assertThrows(CairnException.class, () -> grant(sequence, answeredBelow), () -> "granted");
    assertEquals(ErrorCode.OVERLOADED, why.code(), why.getMessage());
  }

  @Test
  void aClientThatNeverSaysWhatItHas_isRefusedBeyondTheBound() throws CairnException {
    for (long sequence = 1; sequence <= 1 + MOST; sequence++) {
      grant(sequence, 0);
    }
    refuse(2 + MOST, 0);
    refuse(2 + MOST, 1);
  }

  @Test
  void aClientThatHasTheReplies_goesOnAtOnce() throws CairnException {
    grant(1, 1);
    refuse(2 + MOST, 1);
    grant(2 + MOST, 2);
    numbers.repliesForgottenBelow(2);
    grant(2, 2);
    refuse(3 + MOST, 2);
  }
}
