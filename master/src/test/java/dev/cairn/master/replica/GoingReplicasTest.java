package dev.cairn.master.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** How long a replica that was told to go counts as gone. */
final class GoingReplicasTest {

  private final GoingReplicas going = new GoingReplicas();

  @Test
  void aReplica_goesUntilItsServerSettlesOnAnAnswerThatDoesNotNameIt() {
    long first = going.told(1, List.of(7L, 8L));
    long second = going.told(1, List.of(8L));
    going.settled(1, first);
    assertTrue(going.contains(7, 1));
    going.settled(1, second);
    assertFalse(going.contains(7, 1));
    assertTrue(going.contains(8, 1));
    assertFalse(going.contains(8, 2));
  }

  @Test
  void anAnswerThatGotLost_isOverWithTheNextOneThatDidNot() {
    long taken = going.told(1, List.of());
    long lost = going.told(1, List.of(7L));
    going.settled(1, taken);
    assertTrue(going.contains(7, 1));
    long next = going.told(1, List.of());
    assertTrue(next > lost);
    going.settled(1, next);
    assertFalse(going.contains(7, 1));
  }

  @Test
  void whatIsGone_andWhatAServerHadBeforeItRegistered_goesNoMore() {
    long answer = going.told(1, List.of(7L, 8L));
    going.gone(7, 1);
    assertFalse(going.contains(7, 1));
    assertTrue(going.contains(8, 1));
    going.clear(1);
    assertFalse(going.contains(8, 1));
    assertEquals(answer + 1, going.told(1, List.of()));
  }
}
