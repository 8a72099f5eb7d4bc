package dev.cairn.client.master;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.rpc.proto.KeepAliveRequest;
import dev.cairn.rpc.proto.RequestContext;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a client tells a master that was started anew of the requests it made. */
class RegistrationTest {

  private final Registration session = new Registration(1, 1, 1);

  private KeepAliveRequest told() {
    KeepAliveRequest.Builder request = KeepAliveRequest.newBuilder();
    session.describe(request);
    return request.build();
  }

  private RequestContext granted() {
    RequestContext request = session.nextRequest();
    session.granted(request);
    return request;
  }

  @Test
  void ofGrantedRequests_thoseAreTold_thatNoLaterOneCanHaveHadForgotten() {
    granted();
    granted();
    assertEquals(List.of(2L), told().getGrantedRequestsList());
  }

  @Test
  void aRequestGivenUp_isToldAsOneThatMayBeDone() {
    granted();
    RequestContext lost = session.nextRequest();
    session.givenUp(lost);
    assertEquals(List.of(1L), told().getGrantedRequestsList());
    // The master may have done it, and forgotten the reply to the one before.
    assertEquals(List.of(lost), told().getUnansweredRequestsList());
  }

  @Test
  void aRequestGivenUp_doesNotKeepLaterRepliesFromBeingForgotten() {
    session.givenUp(session.nextRequest());
    assertEquals(2, session.nextRequest().getAnsweredBelow());
  }

  @Test
  void aRequestGivenUp_isNoLongerTold_whenALaterOneIsGranted() {
    granted();
    session.givenUp(session.nextRequest());
    granted();
    assertEquals(List.of(3L), told().getGrantedRequestsList());
    assertEquals(List.of(), told().getUnansweredRequestsList());
  }
}
