package dev.cairn.client.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.client.path.Answers;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WorkersTest {

  private final List<String> said = new CopyOnWriteArrayList<>();

  @Test
  void awaitInterrupted_givesUpWhatIsUnderWay_andReturnsWhenThatHasTidiedUp() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch tidiedUp = new CountDownLatch(1);
    try (Workers workers = new Workers(2, said::add)) {
      workers.submit(
          "/f",
          () -> {
            try {
              begun.countDown();
              Answers.of(new CompletableFuture<>());
            } finally {
              tidiedUp.countDown();
            }
          });
      begun.await();
      Thread.currentThread().interrupt();
      CairnException e = assertThrows(CairnException.class, workers::await);
      assertEquals(ErrorCode.INTERRUPTED, e.code());
      assertTrue(Thread.interrupted());
      assertEquals(0, tidiedUp.getCount());
    }
    assertEquals(List.of(), said);
  }

  @Test
  void aWalkThatIsInterrupted_saysSoOnce() {
    try (Workers workers = new Workers(2, said::add)) {
      Thread.currentThread().interrupt();
      for (String path : List.of("/a", "/b")) {
        workers.attempt(path, () -> Answers.of(new CompletableFuture<>()));
      }
      assertThrows(CairnException.class, workers::await);
      assertTrue(Thread.interrupted());
    }
    assertEquals(List.of(), said);
  }
}
