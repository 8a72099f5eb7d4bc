package dev.cairn.master.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.fleet.Candidate;
import dev.cairn.master.repair.Balance.Move;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which replicas move when nothing is missing, and that it comes to rest. */
final class BalanceTest {

  private static final long MIB = 1L << 20;
  private static final long DISK = 10_000 * MIB;

  private static Candidate server(int id, String zone, int percentUsed) {
    return new Candidate(id, zone, DISK, DISK - DISK * percentUsed / 100, 0);
  }

  private static Optional<Move> move(
      List<Candidate> holders, List<Candidate> others, boolean uneven) {
    return Balance.move(holders, others, (int) MIB, uneven);
  }

  @Test
  void unevenness_beginsLate_andEndsEarly() {
    List<Candidate> alike = List.of(server(1, "", 50), server(2, "", 54));
    List<Candidate> between = List.of(server(1, "", 50), server(2, "", 58));
    List<Candidate> apart = List.of(server(1, "", 50), server(2, "", 0));
    assertFalse(Balance.isUneven(alike, true));
    assertTrue(Balance.isUneven(between, true));
    assertFalse(Balance.isUneven(between, false));
    assertTrue(Balance.isUneven(apart, false));
    assertFalse(Balance.isUneven(List.of(), false));
  }

  @Test
  void theFullestHoldersReplica_goesToTheEmptiestServer() {
    List<Candidate> holders = List.of(server(1, "", 40), server(2, "", 80));
    List<Candidate> others = List.of(server(3, "", 20), server(4, "", 5), server(5, "", 90));
    assertEquals(Optional.of(new Move(2, 4)), move(holders, others, true));
    assertEquals(Optional.empty(), move(holders, others, false));
  }

  @Test
  void serversThatAreNearlyAlike_areLeftAlone() {
    List<Candidate> holders = List.of(server(1, "", 40), server(2, "", 44));
    assertEquals(Optional.empty(), move(holders, List.of(server(3, "", 40)), true));
  }

  @Test
  void aLargeChunk_doesNotMakeItsNewPlaceTheFullerOne() {
    List<Candidate> holders = List.of(server(1, "", 20));
    List<Candidate> others = List.of(server(2, "", 10));
    assertEquals(Optional.of(new Move(1, 2)), move(holders, others, true));
    assertEquals(Optional.empty(), Balance.move(holders, others, (int) (600 * MIB), true));
  }

  @Test
  void twoReplicasInOneZone_areSpread_whateverTheServersHold() {
    List<Candidate> holders = List.of(server(1, "a", 10), server(2, "a", 20));
    List<Candidate> others = List.of(server(3, "a", 0), server(4, "b", 90));
    assertEquals(Optional.of(new Move(2, 4)), move(holders, others, false));
  }

  @Test
  void aZoneThatIsFull_takesNothing() {
    List<Candidate> holders = List.of(server(1, "a", 10), server(2, "a", 20));
    assertEquals(Optional.empty(), move(holders, List.of(server(4, "b", 100)), false));
  }

  @Test
  void evening_takesNoZoneAway() {
    List<Candidate> holders = List.of(server(1, "a", 30), server(2, "b", 90));
    List<Candidate> others = List.of(server(3, "a", 0));
    // The new one would share zone a with server 1, and server 1's would go, not the fullest one's.
    assertEquals(Optional.of(new Move(1, 3)), move(holders, others, true));
    List<Candidate> roomInB = List.of(server(3, "a", 28), server(4, "b", 40));
    assertEquals(Optional.of(new Move(2, 4)), move(holders, roomInB, true));
  }

  /** Moves one replica after the other, as long as there is one to be moved. */
  @Test
  void aNewServer_isFilled_andThenNothingMoves() {
    Random random = new Random(3);
    int servers = 4;
    long[] used = new long[servers + 1];
    List<int[]> chunks = new ArrayList<>();
    int length = (int) (64 * MIB);
    for (int i = 0; i < 150; i++) {
      int first = 1 + random.nextInt(3);
      int second = 1 + (first + random.nextInt(2)) % 3;
      chunks.add(new int[] {first, second});
      used[first] += length;
      used[second] += length;
    }
    boolean uneven = false;
    int moves = 0;
    for (boolean moved = true; moved; ) {
      moved = false;
      for (int[] chunk : chunks) {
        Map<Integer, Candidate> all = new HashMap<>();
        for (int id = 1; id <= servers; id++) {
          all.put(id, new Candidate(id, "", DISK, DISK - used[id], 0));
        }
        uneven = Balance.isUneven(List.copyOf(all.values()), uneven);
        List<Candidate> holders = List.of(all.remove(chunk[0]), all.remove(chunk[1]));
        Optional<Move> move = Balance.move(holders, List.copyOf(all.values()), length, uneven);
        if (move.isPresent()) {
          moved = true;
          moves++;
          assertTrue(moves < 150, "it does not come to rest");
          int at = chunk[0] == move.get().from() ? 0 : 1;
          assertEquals(chunk[at], move.get().from());
          chunk[at] = move.get().to();
          used[move.get().from()] -= length;
          used[move.get().to()] += length;
        }
      }
    }
    assertTrue(moves > 30, "only " + moves + " replicas moved");
    for (int id = 1; id <= servers; id++) {
      assertEquals(300 * 64 * MIB / 4.0, (double) used[id], Balance.BEGINS * DISK, "server " + id);
    }
  }

  @Test
  void pace_tellsWhatIsLeftOfTheTime() {
    Pace pace = new Pace();
    assertEquals(0, pace.millisLeft());
    pace.left(1000, 0);
    assertEquals(0, pace.millisLeft());
    pace.left(900, 1_000_000_000L);
    assertEquals(9000, pace.millisLeft());
    pace.left(2000, 2_000_000_000L);
    assertEquals(0, pace.millisLeft());
  }
}
