package dev.cairn.master.session;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.record.proto.Session;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LiveSessionTest {

  @Test
  void whatAnOlderHeartbeatSaysIsClosed_staysOpen() {
    LiveSession session = new LiveSession(Session.getDefaultInstance(), 0, false, 0, 0);
    session.open(5);
    session.closed(List.of(5L), 2);
    assertFalse(session.hasOpen(5));
    session.open(5);
    // The first attempt at that heartbeat, and one before it, heard late.
    session.closed(List.of(5L), 2);
    session.closed(List.of(5L), 1);
    assertTrue(session.hasOpen(5));
  }

  @Test
  void whatWasOpened_betweenTwoWordsOfWhatIsOpen_staysOpen() {
    LiveSession session = new LiveSession(Session.getDefaultInstance(), 0, false, 0, 0);
    session.back(List.of(5L), List.of(5L));
    session.open(7);
    session.write(7);
    // Sent again, since its answer was lost.
    session.back(List.of(5L), List.of(5L));
    assertTrue(session.hasOpen(7));
    assertTrue(session.writes(7));
    assertTrue(session.hasOpen(5));
  }
}
