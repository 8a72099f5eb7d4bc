package dev.cairn.master.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** How much trash has to go. */
final class RoomTest {

  @Test
  void aTenthIsFree_overAllDisks() {
    assertEquals(0, Room.missing(new Capacity(2000, 200, 0), 0));
    assertEquals(150, Room.missing(new Capacity(2000, 50, 0), 0));
  }

  @Test
  void whatIsLetGoAlready_counts() {
    assertEquals(50, Room.missing(new Capacity(1000, 20, 0), 30));
    assertEquals(0, Room.missing(new Capacity(1000, 20, 0), 500));
  }

  @Test
  void withoutServers_nothingHasToGo() {
    assertEquals(0, Room.missing(new Capacity(0, 0, 0), 0));
  }
}
