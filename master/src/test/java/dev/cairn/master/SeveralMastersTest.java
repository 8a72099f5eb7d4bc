package dev.cairn.master;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three masters over loopback: who leads, and what outlives whom. */
final class SeveralMastersTest {

  @TempDir Path root;

  @Test
  void threeMasters_foundOneCluster_andFailOver() throws Exception {
    try (RunningMasters masters = RunningMasters.start(root, 3);
        MastersClient client = new MastersClient(masters)) {
      int first = masters.leader();
      client.create("a");
      masters.stop(first);
      assertTrue(client.exists("a"));
      client.create("b");
      masters.start(first);
      int second = masters.leader();
      masters.stop(second);
      assertTrue(client.exists("a"));
      assertTrue(client.exists("b"));
      assertEquals(Map.of(), masters.failures());
    }
  }
}
