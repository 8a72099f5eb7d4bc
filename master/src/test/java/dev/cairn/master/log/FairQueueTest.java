package dev.cairn.master.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.decide.Decision;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FairQueueTest {

  private final FairQueue queue = new FairQueue();

  private void add(long client, int commands) {
    for (int i = 0; i < commands; i++) {
      queue.add(
          new Pending<>(
              client, (view, now) -> Decision.replyOnly(true), Answer.<Boolean>ignored()));
    }
  }

  private List<Long> take(int commands) {
    List<Long> clients = new ArrayList<>();
    for (int i = 0; i < commands; i++) {
      clients.add(queue.poll().client());
    }
    return clients;
  }

  @Test
  void aClientThatAsksForMuch_waitsForItself() {
    add(1, 1000);
    add(2, 2);
    add(3, 1);
    assertEquals(List.of(1L, 2L, 3L, 1L, 2L, 1L, 1L), take(7));
    add(2, 1);
    assertEquals(List.of(1L, 2L, 1L), take(3));
  }

  @Test
  void theMastersOwnCommands_comeBetweenAnyTwoOfClients() {
    add(1, 100);
    add(2, 100);
    assertEquals(List.of(1L), take(1));
    add(Writer.OWN, 3);
    assertEquals(List.of(0L, 2L, 0L, 1L, 0L, 2L, 1L), take(7));
  }

  @Test
  void commandsOfOneClient_keepTheirOrder_andEndAtLast() {
    List<Pending<?>> commands = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Pending<Boolean> command =
          new Pending<>(7, (view, now) -> Decision.replyOnly(true), Answer.ignored());
      commands.add(command);
      queue.add(command);
    }
    List<Pending<?>> taken = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      taken.add(queue.poll());
    }
    assertEquals(commands, taken);
    assertNull(queue.poll());
    assertTrue(queue.isEmpty());
  }
}
