package dev.cairn.chunkserver.heartbeat;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class LeadingTermTest {

  private final LeadingTerm several = new LeadingTerm(true);

  @Test
  void theOneThatLeads_isObeyed() {
    assertFalse(several.obeys(5, false));
    assertTrue(several.obeys(5, true));
  }

  @Test
  void aFormerLeader_isNotObeyed_onceAHigherTermIsHeard() {
    assertTrue(several.obeys(5, true));
    assertTrue(several.obeys(6, true));
    assertFalse(several.obeys(5, true));
    assertFalse(several.obeys(7, false));
    assertFalse(several.obeys(6, true));
  }

  @Test
  void theOnlyMaster_needNotKnowOfLeading() {
    LeadingTerm one = new LeadingTerm(false);
    assertTrue(one.obeys(0, false));
    assertTrue(one.obeys(0, true));
  }

  @Test
  void oneOfSeveralMasters_isNotTakenForTheOnlyOne() {
    assertFalse(new LeadingTerm(false).obeys(3, false));
    assertFalse(several.obeys(0, false));
  }
}
