package dev.cairn.client.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cairn.client.Failures;
import dev.cairn.client.Timer;
import dev.cairn.client.master.LockMaster;
import dev.cairn.client.master.MasterLocks.LockPlace;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.SetLockReply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LockWaitTest {

  private final Timer timer = new Timer();
  private LockMaster master;
  private LockWait wait;

  @BeforeEach
  void queued() throws Exception {
    master = new LockMaster(timer);
    LockPlace place = new LockPlace(master.session(), 1);
    wait = new LockWait(master.locks(), timer, 2, FileLock.getDefaultInstance(), place);
  }

  @AfterEach
  void stop() throws InterruptedException {
    master.stop();
    timer.close();
  }

  @Test
  void aWaitThatEnds_beforeItIsGivenUp_isSettled() throws Exception {
    CompletableFuture<SetLockReply> granted = wait.untilGranted();
    assertFalse(wait.settled().isDone());
    master.grant();
    granted.get(20, TimeUnit.SECONDS);
    wait.giveUp();
    wait.settled().get(20, TimeUnit.SECONDS);
    assertEquals(0, master.withdrawals());
  }

  @Test
  void aWaitOfWhoHasAPartAlready_givenUpWhenItIsGranted_isGranted() throws Exception {
    CompletableFuture<SetLockReply> granted = wait.untilGranted();
    master.grantUnheard();
    wait.giveUpWhenSettled();
    assertFalse(granted.isDone());
    master.grant();
    granted.get(20, TimeUnit.SECONDS);
    wait.settled().get(20, TimeUnit.SECONDS);
  }

  @Test
  void aWaitThatIsGivenUp_isSettledByTheMastersWord() throws Exception {
    CompletableFuture<SetLockReply> granted = wait.untilGranted();
    wait.giveUp();
    wait.settled().get(20, TimeUnit.SECONDS);
    assertEquals(1, master.withdrawals());
    CairnException why = assertThrows(CairnException.class, () -> Failures.await(granted));
    assertEquals(ErrorCode.INTERRUPTED, why.code());
  }
}
