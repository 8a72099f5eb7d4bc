package dev.cairn.master.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** How much trash has to go. */
final class RoomTest {

  private static Candidate server(int id, long total, long free) {
    return new Candidate(id, "", total, free, 0);
  }

  @Test
  void aTenthIsFree_overAllServers() {
    assertEquals(0, Room.missing(List.of(server(1, 1000, 0), server(2, 1000, 200)), 0));
    assertEquals(150, Room.missing(List.of(server(1, 1000, 0), server(2, 1000, 50)), 0));
  }

  @Test
  void whatIsLetGoAlready_counts() {
    assertEquals(50, Room.missing(List.of(server(1, 1000, 20)), 30));
    assertEquals(0, Room.missing(List.of(server(1, 1000, 20)), 500));
  }

  @Test
  void withoutServers_nothingHasToGo() {
    assertEquals(0, Room.missing(List.of(), 0));
  }
}
