package dev.cairn.master.service;

import dev.cairn.master.log.Answer;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends calls: with a reply, or with an error as the other side expects it. */
final class Calls {

  private static final Logger log = LoggerFactory.getLogger(Calls.class);

  private Calls() {}

  /** A question that may be refused. */
  interface Query<R> {
    R ask() throws CairnException;
  }

  /** Asks and answers on this thread. A boundary: whatever goes wrong becomes the call's error. */
  static <R> void answer(StreamObserver<R> call, Query<R> query) {
    R reply;
    try {
      reply = query.ask();
    } catch (CairnException e) {
      refuse(call, e);
      return;
    } catch (RuntimeException e) {
      log.error("a request could not be answered", e);
      refuse(call, ErrorCode.IO.because("the master failed to answer a request: " + e, e));
      return;
    }
    reply(call, reply);
  }

  /** Asks and answers on a thread of the pool, which may refuse. */
  static <R> void answerOn(Executor pool, StreamObserver<R> call, Query<R> query) {
    ignoreCancelling(call);
    try {
      pool.execute(() -> answer(call, query));
    } catch (RejectedExecutionException e) {
      refuse(
          call, ErrorCode.OVERLOADED.because("the master has as many questions as it takes on", e));
    }
  }

  /** Ends the call with the outcome of a command. */
  static <R> Answer<R> answering(StreamObserver<R> call) {
    ignoreCancelling(call);
    return new Answer<>() {
      @Override
      public void granted(R reply) {
        reply(call, reply);
      }

      @Override
      public void refused(CairnException why) {
        refuse(call, why);
      }
    };
  }

  /** Makes an answer to a call that nobody waits for any longer a matter of course. */
  static void ignoreCancelling(StreamObserver<?> call) {
    if (call instanceof ServerCallStreamObserver<?> server) {
      server.setOnCancelHandler(() -> {});
    }
  }

  static <R> void reply(StreamObserver<R> call, R reply) {
    tell(
        () -> {
          call.onNext(reply);
          call.onCompleted();
        });
  }

  static void refuse(StreamObserver<?> call, CairnException why) {
    tell(() -> call.onError(GrpcErrors.toStatus(why)));
  }

  /** Nobody is there to be told when the server has stopped meanwhile, and its connections. */
  private static void tell(Runnable telling) {
    try {
      telling.run();
    } catch (RejectedExecutionException e) {
      log.debug("an answer came after the end of its connection", e);
    }
  }
}
