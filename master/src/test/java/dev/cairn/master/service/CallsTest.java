package dev.cairn.master.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.error.GrpcErrors;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** How calls end that are not answered. */
final class CallsTest {

  @Test
  void aQuestionThatAFullQueueRefuses_isToBeAskedAgain() {
    AtomicReference<Throwable> error = new AtomicReference<>();
    StreamObserver<String> call =
        new StreamObserver<>() {
          @Override
          public void onNext(String reply) {
            throw new AssertionError(reply);
          }

          @Override
          public void onError(Throwable why) {
            error.set(why);
          }

          @Override
          public void onCompleted() {
            throw new AssertionError("answered");
          }
        };
    Calls.answerOn(
        task -> {
          throw new RejectedExecutionException("full");
        },
        call,
        () -> "an answer");
    ErrorCode code = GrpcErrors.fromThrowable(error.get(), "the master").code();
    assertEquals(ErrorCode.OVERLOADED, code);
    assertEquals(ErrorCode.Retry.YES, code.retry());
  }
}
