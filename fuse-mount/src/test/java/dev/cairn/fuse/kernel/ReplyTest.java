package dev.cairn.fuse.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.fuse.kernel.KernelNumbers.Opcode;
import dev.cairn.rpc.error.ErrorCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplyTest {

  private final Wire wire = new Wire();

  @AfterEach
  void close() {
    wire.close();
  }

  private Reply reply(long unique) {
    return wire.reply(wire.request(Opcode.GETATTR, unique));
  }

  @Test
  void aValue_isSentWithItsBody() {
    reply(7)
        .answer(
            CompletableFuture.completedFuture(42),
            (value, body) -> {
              body.putInt(0, value);
              return Integer.BYTES;
            });
    Wire.Received received = wire.received();
    assertEquals(7, received.unique());
    assertEquals(0, received.errno());
    assertEquals(42, received.body().getInt(0));
    assertEquals(Integer.BYTES, received.body().limit());
  }

  @Test
  void anAnswerThatComesLater_isSentThen() {
    CompletableFuture<Void> later = new CompletableFuture<>();
    reply(7).answerDone(later);
    assertNull(wire.received());
    later.complete(null);
    assertEquals(0, wire.received().errno());
  }

  @Test
  void anExpectedError_isItsErrno() {
    reply(7).answerDone(CompletableFuture.failedFuture(ErrorCode.NO_ENTRY.because("gone")));
    assertEquals(Errno.ENOENT, wire.received().errno());
  }

  @Test
  void anExpectedErrorOfADependentFuture_isItsErrno() {
    reply(7)
        .answerDone(
            CompletableFuture.<Void>failedFuture(ErrorCode.BUSY.because("later"))
                .whenComplete((nothing, error) -> {}));
    assertEquals(Errno.EBUSY, wire.received().errno());
  }

  @Test
  void anUnexpectedError_isEio() {
    reply(7).answerDone(CompletableFuture.failedFuture(new IllegalStateException("on purpose")));
    assertEquals(Errno.EIO, wire.received().errno());
  }

  @Test
  void anEncoderThatThrows_isEio() {
    reply(7)
        .answer(
            CompletableFuture.completedFuture(1),
            (value, body) -> {
              throw new IllegalStateException("on purpose");
            });
    assertEquals(Errno.EIO, wire.received().errno());
    assertNull(wire.received());
  }

  @Test
  void anOperationThatThrows_isEio() {
    Operations operations = new Operations();
    operations.add(
        Opcode.GETATTR,
        (request, reply) -> {
          throw new IllegalStateException("on purpose");
        });
    Request request = wire.request(Opcode.GETATTR, 7);
    operations.serve(request, wire.reply(request));
    assertEquals(Errno.EIO, wire.received().errno());
  }

  @Test
  void anUnknownOperation_isEnosys() {
    for (int opcode : new int[] {Opcode.RENAME2, 63, 64, -1, 4096}) {
      Request request = wire.request(opcode, 7);
      new Operations().serve(request, wire.reply(request));
      assertEquals(Errno.ENOSYS, wire.received().errno());
    }
  }

  @Test
  void aSecondReply_isRefused() {
    Reply reply = reply(7);
    reply.errno(0);
    assertThrows(IllegalStateException.class, () -> reply.errno(0));
    wire.received();
    assertNull(wire.received());
  }

  @Test
  void anOperationGivenUp_isEintr() {
    CompletableFuture<Void> never = new CompletableFuture<>();
    reply(7).answerDone(never);
    never.cancel(true);
    assertEquals(Errno.EINTR, wire.received().errno());
  }

  @Test
  void theBufferOfAReadGivenUp_isNeverUsedAgain() {
    CompletableFuture<Integer> givenUp = new CompletableFuture<>();
    ByteBuffer first = bodyOf(givenUp);
    givenUp.cancel(true);
    ByteBuffer second = bodyOf(CompletableFuture.completedFuture(0));
    ByteBuffer third = bodyOf(CompletableFuture.completedFuture(0));
    assertNotSame(first, second);
    assertSame(second, third);
  }

  private ByteBuffer bodyOf(CompletableFuture<Integer> read) {
    AtomicReference<ByteBuffer> given = new AtomicReference<>();
    reply(1)
        .answerUpTo(
            4096,
            body -> {
              given.set(body);
              return read;
            },
            (length, body) -> length);
    return given.get();
  }

  @Test
  void readsBeyondAllBuffers_waitInTurnAndAreAllAnswered() {
    List<CompletableFuture<Integer>> started = new ArrayList<>();
    int count = 50;
    for (int i = 0; i < count; i++) {
      reply(i)
          .answerUpTo(
              ReplyBuffers.LONGEST,
              body -> {
                CompletableFuture<Integer> read = new CompletableFuture<>();
                started.add(read);
                return read;
              },
              (length, body) -> length);
    }
    assertTrue(started.size() < count, "no bound on buffers");
    for (int i = 0; i < count; i++) {
      assertFalse(started.size() <= i, "read " + i + " was never started");
      started.get(i).complete(0);
      assertEquals(i, wire.received().unique());
    }
  }

  @Test
  void waitingReadsThatAreDoneAtOnce_doNotNest() {
    List<CompletableFuture<Integer>> first = new ArrayList<>();
    int count = 5_000;
    int[] answered = {0};
    for (int i = 0; i < count; i++) {
      reply(i)
          .answerUpTo(
              ReplyBuffers.LONGEST,
              body -> {
                CompletableFuture<Integer> read = new CompletableFuture<>();
                if (first.size() < 20) {
                  first.add(read);
                } else {
                  read.complete(0);
                }
                return read;
              },
              (length, body) -> {
                answered[0]++;
                while (wire.received() != null) {}
                return length;
              });
    }
    first.forEach(read -> read.complete(0));
    assertEquals(count, answered[0]);
  }
}
