package dev.cairn.master.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where chunks may be read, with server 1 that has chunk 1, and server 2 that has none. */
final class ReplicasTest {

  private final ChunkLocations locations = new ChunkLocations();
  private Fleet fleet;
  private Replicas replicas;

  @BeforeEach
  void twoServers() throws IOException {
    MetadataView view = new MetadataView(new MemoryStore());
    fleet = new Fleet(view, Duration.ofSeconds(10), 0);
    replicas =
        new Replicas(
            fleet, locations, new BadReplicas(view), new GoingReplicas(), new SuspectReplicas());
    for (int id = 1; id <= 2; id++) {
      register(id);
      fleet.reported(id);
    }
    locations.add(1, 1);
  }

  private void register(int id) {
    fleet.registered(
        ChunkServer.newBuilder().setId(id).setHost("h").setDataPort(id).build(), List.of(), 0, 0);
  }

  @Test
  void chunkThatNoServerHas_isLost_whenAllLiveAndHaveReported() {
    assertEquals(List.of(1), replicas.of(1).getServerIdsList());
    assertFalse(replicas.of(1).getLost());
    assertTrue(replicas.of(2).getLost());
  }

  @Test
  void chunkThatNoServerHas_mayBeOnOneThatHasYetToSay() {
    register(2);
    assertFalse(replicas.of(2).getLost());
    fleet.reported(2);
    assertTrue(replicas.of(2).getLost());
  }

  @Test
  void chunkThatNoLivingServerHas_isNotLost_whileOneIsDead() {
    fleet.buryTheSilent(TimeUnit.SECONDS.toNanos(20));
    assertFalse(replicas.of(1).getLost());
    assertFalse(replicas.of(2).getLost());
  }
}
