package dev.cairn.master.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.RequestContext;
import org.junit.jupiter.api.Test;

/** Which numbers a session's requests may have. */
final class RequestNumbersTest {

  private static RequestContext request(long sequence, long answeredBelow) {
    return RequestContext.newBuilder()
        .setSequence(sequence)
        .setAnsweredBelow(answeredBelow)
        .build();
  }

  private static void refused(RequestNumbers numbers, long sequence, long answeredBelow) {
    CairnException why =
        assertThrows(
            CairnException.class, () -> numbers.heard(request(sequence, answeredBelow)), "granted");
    assertEquals(ErrorCode.SESSION_EXPIRED, why.code());
  }

  @Test
  void numbersThatContradictThemselves_areRefused() throws CairnException {
    RequestNumbers numbers = new RequestNumbers(1, true, 0);
    refused(numbers, 0, 0);
    refused(numbers, 5, 6);
    refused(numbers, 5, -1);
    numbers.heard(request(5, 5));
  }

  @Test
  void aRequestFarAheadOfAllOthers_isRefused_andChangesNothing() throws CairnException {
    RequestNumbers numbers = new RequestNumbers(1, true, 0);
    refused(numbers, 2 << 20, 1);
    refused(numbers, 2 << 20, 1);
    numbers.heard(request(1 << 20, 1));
    numbers.heard(request(2 << 20, 1));
  }

  @Test
  void theFirstRequestAfterAStart_mayBeFarAhead() throws CairnException {
    RequestNumbers numbers = new RequestNumbers(1, false, 7);
    numbers.heard(request(1L << 39, 1));
    refused(numbers, 1L << 40, 1);
    numbers.heard(request(8, 8));
  }
}
