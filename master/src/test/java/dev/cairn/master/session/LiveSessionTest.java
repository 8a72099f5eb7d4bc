package dev.cairn.master.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.record.proto.Session;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LiveSessionTest {

  private final OpenFileCount all = new OpenFileCount(OpenFileCount.MOST);

  private LiveSession session() {
    return new LiveSession(Session.getDefaultInstance(), all, 0, false, 0);
  }

  @Test
  void whatAnOlderHeartbeatSaysIsClosed_staysOpen() throws Exception {
    LiveSession session = session();
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
  void whatWasOpened_betweenTwoWordsOfWhatIsOpen_staysOpen() throws Exception {
    LiveSession session = session();
    session.back(List.of(5L), List.of(5L));
    session.open(7);
    session.write(7);
    // Sent again, since its answer was lost.
    session.back(List.of(5L), List.of(5L));
    assertTrue(session.hasOpen(7));
    assertTrue(session.writes(7));
    assertTrue(session.hasOpen(5));
  }

  @Test
  void oneMoreOpenFileThanAClientMayHave_isRefused() throws Exception {
    LiveSession session = session();
    for (long inode = 1; inode <= LiveSession.MOST_OPEN; inode++) {
      assertTrue(session.open(inode));
    }
    assertFalse(session.open(5), "one that is open may be opened again");
    assertEquals(ErrorCode.TOO_MANY_OPEN, refusal(() -> session.open(1L << 40)));
    assertEquals(24, ErrorCode.TOO_MANY_OPEN.errno());
    session.closed(List.of(5L));
    assertTrue(session.open(1L << 40));
    assertEquals(LiveSession.MOST_OPEN, all.get());
  }

  @Test
  void oneMoreOpenFileThanAllClientsMayHave_isRefusedUntilASessionEnds() throws Exception {
    OpenFileCount three = new OpenFileCount(3);
    LiveSession one = new LiveSession(Session.getDefaultInstance(), three, 0, false, 0);
    LiveSession two = new LiveSession(Session.getDefaultInstance(), three, 0, false, 0);
    one.open(1);
    one.open(2);
    two.open(1);
    assertEquals(ErrorCode.TOO_MANY_OPEN_IN_ALL, refusal(() -> two.open(2)));
    assertEquals(23, ErrorCode.TOO_MANY_OPEN_IN_ALL.errno());
    one.ended();
    one.ended();
    // A heartbeat that was under way when the session ended.
    one.closed(List.of(1L, 2L));
    assertTrue(two.open(2));
    assertEquals(2, three.get());
  }

  @Test
  void aClientThatSaysItHasMoreOpenThanItMay_isRefused() {
    List<Long> inodes = new ArrayList<>();
    for (long inode = 1; inode <= 2 * LiveSession.MOST_OPEN; inode++) {
      inodes.add(inode);
    }
    LiveSession session = session();
    assertEquals(ErrorCode.TOO_MANY_OPEN, refusal(() -> session.checkMayComeBack(inodes.size())));
    assertFalse(session.isBack());
  }

  private interface Refused {
    void run() throws CairnException;
  }

  private static ErrorCode refusal(Refused request) {
    return assertThrows(CairnException.class, request::run).code();
  }
}
