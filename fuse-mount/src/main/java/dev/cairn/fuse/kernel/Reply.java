package dev.cairn.fuse.kernel;

import dev.cairn.rpc.Check;
import dev.cairn.rpc.error.CairnException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one reply to a request, given from any thread. A second one is refused as the bug it is. */
final class Reply {

  private static final Logger LOG = LoggerFactory.getLogger(Reply.class);

  /** Enough for every body of fixed size; the longest is that of CREATE. */
  private static final int SMALL = 512;

  /** For replies of fixed size, which one thread makes and sends in one go. */
  private static final ThreadLocal<ReplyBuffer> SCRATCH =
      ThreadLocal.withInitial(() -> new ReplyBuffer(SMALL, null));

  /** For the errors of requests that find no memory for a buffer of their thread. */
  private static final ReplyBuffer LAST_RESORT = new ReplyBuffer(SMALL, null);

  private static final OpcodeMeters UNMETERED = new OpcodeMeters();

  /** Writes the body of a reply. */
  interface Encoder<T> {
    /** Answers the length of the body. */
    int encode(T value, ByteBuffer body) throws CairnException;
  }

  /** Starts an operation that puts what it finds into the body of the reply. */
  interface Start<T> {
    CompletableFuture<T> into(ByteBuffer body);
  }

  private final Device device;
  private final ReplyBuffers buffers;
  private final Interruptions interruptions;
  private final int opcode;
  private final long unique;
  private final int pid;
  private final AtomicBoolean given = new AtomicBoolean();
  private final OpcodeMeters.Request meter;

  /** A reply that nobody measures. */
  Reply(Device device, ReplyBuffers buffers, Interruptions interruptions, Request request) {
    this(device, buffers, interruptions, request, UNMETERED);
  }

  /**
   * The reply to a request that has just come.
   *
   * @param meters measure the request
   */
  Reply(
      Device device,
      ReplyBuffers buffers,
      Interruptions interruptions,
      Request request,
      OpcodeMeters meters) {
    this.device = device;
    this.buffers = buffers;
    this.interruptions = interruptions;
    this.opcode = request.opcode();
    this.unique = request.unique();
    this.pid = request.pid();
    this.meter = meters.begin(opcode);
  }

  /** Replies with what the future becomes, in a body of fixed size. */
  <T> void answer(CompletableFuture<T> future, Encoder<T> encoder) {
    answer(future, encoder, Lease.NONE);
  }

  /** The same; the lease ends with the operation. */
  <T> void answer(CompletableFuture<T> future, Encoder<T> encoder, Lease lease) {
    follow(future, lease, (value, error) -> give(value, error, encoder, SCRATCH.get()));
  }

  /** Replies success, without a body, when the future is done. */
  void answerDone(CompletableFuture<Void> future) {
    answer(future, (nothing, body) -> 0);
  }

  /**
   * The same for an operation that goes on though its caller was killed and waits for it no longer.
   */
  <T> void answerLiving(CompletableFuture<T> future) {
    CompletableFuture<T> awaited = future.isDone() ? future : future.copy();
    follow(
        awaited,
        Lease.NONE,
        (value, error) -> give(value, error, (none, body) -> 0, SCRATCH.get()));
  }

  /** Replies success to a FLUSH; a process that was killed does not wait for it as it ends. */
  void answerFlush(CompletableFuture<Void> future) {
    CompletableFuture<Void> awaited = future.isDone() ? future : future.copy();
    if (!awaited.isDone()) {
      interruptions.expectFlush(unique, pid, awaited);
    }
    var unused =
        awaited.whenComplete(
            (done, error) -> {
              interruptions.forget(unique);
              finishWithoutBody(null, error);
            });
  }

  /**
   * Replies with what the future becomes; the lease ends with the future, also when the caller
   * waits for it no longer.
   */
  <T> void answerKeeping(CompletableFuture<T> future, Encoder<T> encoder, Lease lease) {
    CompletableFuture<T> awaited = future.isDone() ? future : future.copy();
    answer(awaited, encoder, Lease.NONE);
    var unused = future.whenComplete((value, error) -> lease.release());
  }

  /**
   * Replies success, without a body, for an operation that any signal to its caller ends.
   *
   * @param giveUp completed by a signal; the future is then done soon
   */
  <T> void answerUnlessGivenUp(CompletableFuture<T> future, CompletableFuture<Void> giveUp) {
    if (!future.isDone()) {
      interruptions.expectAnySignal(unique, pid, () -> giveUp.complete(null));
    }
    var unused =
        future.whenComplete(
            (value, error) -> {
              interruptions.forget(unique);
              finishWithoutBody(value, error);
            });
  }

  /**
   * Starts the operation when there is a buffer of that length, and replies with what its future
   * becomes.
   */
  <T> void answerUpTo(int bodyLength, Start<T> start, Encoder<T> encoder) {
    buffers.whenFree(
        bodyLength,
        new ReplyShelf.User() {
          @Override
          public void use(ReplyBuffer buffer) {
            CompletableFuture<T> future;
            try {
              future = start.into(buffer.body());
            } catch (RuntimeException | Error e) {
              buffer.abandon();
              fail(e);
              return;
            }
            follow(future, buffer, (value, error) -> give(value, error, encoder, buffer));
          }

          @Override
          public void goWithout(OutOfMemoryError why) {
            fail(why);
          }
        });
  }

  /** Replies with an error, or success (0) without a body. */
  void errno(int errno) {
    ReplyBuffer scratch;
    try {
      scratch = SCRATCH.get();
    } catch (OutOfMemoryError e) {
      synchronized (LAST_RESORT) {
        send(LAST_RESORT, errno, 0);
      }
      return;
    }
    send(scratch, errno, 0);
  }

  /** The request needs no reply, or the kernel does not wait for one. */
  void none() {
    checkFirst();
    meter.ended(0);
  }

  /** What becomes of a request whose operation broke. */
  void fail(Throwable bug) {
    LOG.error("operation {} of the kernel failed unexpectedly", opcode, bug);
    if (!given.get()) {
      errno(bug instanceof OutOfMemoryError ? Errno.ENOMEM : Errno.EIO);
    }
  }

  private interface Finish<T> {
    void with(T value, Throwable error) throws CairnException;
  }

  private <T> void follow(CompletableFuture<T> future, Lease lease, Finish<T> finish) {
    boolean waiting = !future.isDone();
    if (waiting) {
      interruptions.expect(unique, pid, future);
    }
    var unused =
        future.whenComplete(
            (value, error) -> {
              if (waiting) {
                interruptions.forget(unique);
              }
              finish(value, error, finish);
              if (future.isCancelled()) {
                lease.abandon();
              } else {
                lease.release();
              }
            });
  }

  private <T> void finish(T value, Throwable error, Finish<T> finish) {
    try {
      finish.with(value, error);
    } catch (CairnException e) {
      if (e.code().errno() == Errno.EIO) {
        // All that an application is told of it is a number.
        LOG.warn("operation {} of process {} fails: {}", opcode, pid, e.getMessage());
      }
      errno(e.code().errno());
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  private <T> void finishWithoutBody(T value, Throwable error) {
    finish(value, error, (done, why) -> give(done, why, (none, body) -> 0, SCRATCH.get()));
  }

  private <T> void give(T value, Throwable error, Encoder<T> encoder, ReplyBuffer buffer)
      throws CairnException {
    if (error == null) {
      send(buffer, 0, encoder.encode(value, buffer.body()));
      return;
    }
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    if (cause instanceof CairnException expected) {
      throw expected;
    }
    if (cause instanceof CancellationException) {
      errno(Errno.EINTR);
      return;
    }
    fail(cause);
  }

  private void send(ReplyBuffer buffer, int errno, int bodyLength) {
    checkFirst();
    int result = buffer.send(device, unique, errno, bodyLength);
    meter.ended(errno);
    // ENOENT: whoever asked was killed, or the mount is gone (fuse_dev_do_write in fs/fuse/dev.c).
    if (result != 0 && result != -Errno.ENOENT && result != -Errno.ENODEV) {
      LOG.error("the kernel refused the reply to operation {}: {}", opcode, Errno.name(-result));
    }
  }

  private void checkFirst() {
    Check.that(
        given.compareAndSet(false, true), "operation %d was answered twice (%d)", opcode, unique);
  }
}
