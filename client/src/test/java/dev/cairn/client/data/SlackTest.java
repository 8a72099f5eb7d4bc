package dev.cairn.client.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SlackTest {

  private final Slack slack = new Slack();

  @Test
  void oneSilentChain_isLeftForAnotherOneThatGetsNoMoreTime() {
    assertEquals(1, slack.times());
    slack.silent();
    assertEquals(1, slack.times());
  }

  @Test
  void oneChainAfterTheOther_getsMoreTime_withinBounds() {
    slack.silent();
    int[] expected = {2, 4, 8, 10, 10, 10};
    for (int times : expected) {
      slack.silent();
      assertEquals(times, slack.times());
    }
  }

  @Test
  void bytesThatAreAcknowledged_takeItBackStepByStep() {
    for (int i = 0; i < 100; i++) {
      slack.silent();
    }
    int[] expected = {10, 8, 4, 2, 1, 1, 1};
    for (int times : expected) {
      slack.acknowledged();
      assertEquals(times, slack.times());
    }
  }
}
