package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.store.Checkpoint;
import dev.cairn.rpc.proto.GetMastersReply;
import dev.cairn.rpc.proto.GetMastersRequest;
import dev.cairn.rpc.proto.MasterMember;
import dev.cairn.rpc.proto.MoveLeadershipReply;
import dev.cairn.rpc.proto.MoveLeadershipRequest;
import dev.cairn.rpc.proto.RemoveMasterReply;
import dev.cairn.rpc.proto.RemoveMasterRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Masters over loopback: who leads, and what outlives whom. */
final class SeveralMastersTest {

  @TempDir Path root;

  private static void assertHas(MastersClient client, Iterable<String> names) {
    for (String name : names) {
      assertTrue(client.exists(name), name);
    }
  }

  @Test
  void requests_areDoneOnce_whileLeadersComeAndGo() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    TreeSet<String> model = new TreeSet<>();
    try (RunningMasters masters = RunningMasters.start(root, 3);
        MastersClient client = new MastersClient(masters)) {
      for (int round = 0; round < 3; round++) {
        for (int i = random.nextInt(20); i >= 0; i--) {
          // Exclusive: one that is done twice is refused, since its name exists.
          String name = "d" + random.nextInt(1_000_000);
          if (model.add(name)) {
            long unused = client.create(name);
          }
        }
        int gone = random.nextBoolean() ? masters.leader() : random.nextInt(3);
        masters.stop(gone);
        assertHas(client, model);
        String name = "round" + round;
        model.add(name);
        long unused = client.create(name);
        masters.start(gone);
        masters.awaitCaughtUp(gone);
      }
      assertHas(client, model);
      assertFalse(client.exists("never made"));
      assertEquals(Map.of(), masters.failures());
    }
  }

  @Test
  void members_areReplaced_moved_andRemoved() throws Exception {
    try (RunningMasters masters = RunningMasters.start(root, 3);
        MastersClient client = new MastersClient(masters)) {
      long before = client.create("before");
      int leader = masters.leader();
      int lost = (leader + 1) % 3;
      masters.stop(lost);
      Checkpoint.discard(masters.directory(lost));
      long unused = client.create("meanwhile");
      masters.start(lost);
      masters.awaitCaughtUp(lost);

      // The other one that had everything goes, so that the replaced one is needed.
      masters.stop((leader + 2) % 3);
      long after = client.create("after");
      assertTrue(after > before);
      masters.start((leader + 2) % 3);
      masters.awaitCaughtUp((leader + 2) % 3);

      leader = masters.leader();
      MoveLeadershipReply moved =
          client
              .members(leader)
              .moveLeadership(
                  MoveLeadershipRequest.newBuilder()
                      .setTo(masters.address(lost).toString())
                      .build());
      assertEquals(masters.address(lost).toString(), moved.getLeader());
      assertEquals(lost, masters.leader());
      assertHas(client, List.of("before", "meanwhile", "after"));

      int removed = (lost + 1) % 3;
      masters.stop(removed);
      RemoveMasterReply gone =
          client
              .members(lost)
              .removeMaster(
                  RemoveMasterRequest.newBuilder()
                      .setAddress(masters.address(removed).toString())
                      .build());
      assertEquals(RemoveMasterReply.getDefaultInstance(), gone);
      GetMastersReply left =
          client.members(lost).getMasters(GetMastersRequest.getDefaultInstance());
      assertFalse(
          left.getMembersList().stream()
              .map(MasterMember::getAddress)
              .anyMatch(masters.address(removed).toString()::equals));
      assertEquals(2, left.getMembersCount());
      assertEquals(Map.of(), masters.failures());
    }
  }

  @Test
  void oneMaster_becomesThree() throws Exception {
    try (RunningMasters masters = new RunningMasters(root, 3)) {
      masters.foundAlone(1);
      masters.start(1);
      assertEquals(1, masters.leader());
      try (MastersClient client = new MastersClient(masters)) {
        long unused = client.create("alone");
        masters.start(0);
        masters.start(2);
        masters.awaitCaughtUp(0);
        masters.awaitCaughtUp(2);
        masters.stop(1);
        assertHas(client, List.of("alone"));
      }
      assertEquals(Map.of(), masters.failures());
    }
  }

  @Test
  void aDirectoryOfAnotherCluster_isRefused() throws Exception {
    try (RunningMasters masters = new RunningMasters(root, 2)) {
      masters.foundAlone(0, "one cluster");
      masters.foundAlone(1, "another cluster");
      masters.start(0);
      masters.start(1);
      masters.await("both say so", () -> !masters.failures().isEmpty());
      String why = masters.failures().values().iterator().next().getMessage();
      assertTrue(why.contains("give --data another directory"), why);
    }
  }
}
