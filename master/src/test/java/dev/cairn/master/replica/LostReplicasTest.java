package dev.cairn.master.replica;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How long it is known that a replica is gone. */
final class LostReplicasTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final LostReplicas lost = new LostReplicas(Duration.ofSeconds(20), 0);

  @Test
  void aLoss_isKnownForASessionsTimeAndTheTimeOfRepetitions_andForgottenAfterTwiceThat() {
    lost.told(7, 1, 49 * SECOND);
    assertTrue(lost.contains(7, 1, 49 * SECOND));
    assertTrue(lost.contains(7, 1, 98 * SECOND));
    assertFalse(lost.contains(7, 2, 98 * SECOND));
    assertFalse(lost.contains(8, 1, 98 * SECOND));
    assertFalse(lost.contains(7, 1, 150 * SECOND));
  }

  @Test
  void afterALongSilence_nothingIsKnown() {
    lost.told(7, 1, SECOND);
    assertFalse(lost.contains(7, 1, 1000 * SECOND));
  }

  @Test
  void aReplicaThatIsThereAgain_isNotLost() {
    lost.told(7, 1, SECOND);
    lost.told(7, 2, SECOND);
    lost.isThere(7, 1);
    assertFalse(lost.contains(7, 1, SECOND));
    assertTrue(lost.contains(7, 2, SECOND));
    lost.told(9, 1, 60 * SECOND);
    lost.isThere(7, 2);
    assertFalse(lost.contains(7, 2, 60 * SECOND));
  }

  @Test
  void ofTooMany_theLastGrantedOnesStayKnown() {
    for (int i = 0; i < LostReplicas.MOST + 10; i++) {
      lost.told(1_000_000 - i, 1, SECOND);
    }
    assertTrue(lost.contains(1_000_000, 1, SECOND));
    assertFalse(lost.contains(1_000_000 - LostReplicas.MOST, 1, SECOND));
  }
}
