package dev.cairn.fuse.jnr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.error.ErrorCode;
import org.junit.jupiter.api.Test;

final class GuardTest {

  private static final Place PLACE = new Place(1, ByteString.copyFromUtf8("a"));

  private final NameCache cache = new NameCache(Long.MAX_VALUE, () -> 0);
  private final Guard guard = new Guard(cache);

  @Test
  void result_isPassedOn() {
    assertEquals(42, guard.run("read", () -> 42));
  }

  @Test
  void expectedFailure_isItsNegatedErrno() {
    assertEquals(Errno.negated(ErrorCode.NO_ENTRY), failing(ErrorCode.NO_ENTRY));
  }

  @Test
  void unexpectedFailure_isAnInputOutputError() {
    assertEquals(
        Errno.negated(ErrorCode.IO),
        guard.run(
            "read",
            () -> {
              throw new IllegalStateException("broken on purpose, by a test");
            }));
    assertEquals(
        Errno.negated(ErrorCode.IO),
        guard.run(
            "read",
            () -> {
              throw new AssertionError("broken on purpose, by a test");
            }));
  }

  @Test
  void staleInode_makesAllNamesBeAskedForAgain() {
    cache.made(PLACE, new NameCache.Target(5, false));
    failing(ErrorCode.NO_ENTRY);
    assertNotNull(cache.get(PLACE));
    failing(ErrorCode.STALE);
    assertNull(cache.get(PLACE));
  }

  @Test
  void errno_ofMacOs_differsAboveThirtyFour() {
    assertEquals(2, Errno.darwin(ErrorCode.NO_ENTRY.errno()));
    assertEquals(66, Errno.darwin(ErrorCode.NOT_EMPTY.errno()));
    assertEquals(93, Errno.darwin(ErrorCode.NO_ATTRIBUTE.errno()));
  }

  private int failing(ErrorCode code) {
    return guard.run(
        "test",
        () -> {
          throw code.because("this is a test");
        });
  }
}
