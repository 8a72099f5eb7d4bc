package dev.cairn.master.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.ManualTime;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.rpc.proto.DrainStatus;
import dev.cairn.rpc.proto.HeartbeatReply;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said of servers that are to be emptied. Server 1 is one, 2 and 3 are not. */
final class DrainsTest {

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private ReplicaMap replicas;
  private MetadataView view;
  private Fleet fleet;
  private Drains drains;

  @BeforeEach
  void threeServers() throws IOException {
    view = new MetadataView(new MemoryStore());
    fleet = new Fleet(view, Duration.ofSeconds(10), 0);
    for (int id = 1; id <= 3; id++) {
      ChunkServer row =
          ChunkServer.newBuilder()
              .setId(id)
              .setHost("h")
              .setDataPort(id)
              .setDraining(id == 1)
              .build();
      fleet.registered(row, List.of(), 0, 0);
      fleet.reported(id);
    }
    drains = new Drains(fleet);
    replicas = new ReplicaMap(view, fleet, new ManualTime(), Duration.ofSeconds(20));
  }

  private DrainStatus surveyed(Shortages found, Leaving leaving, boolean awaitsReports, long now) {
    drains.surveyed(leaving, new Drains.Obstacles(awaitsReports, found.repairs(), 2, 0), view, now);
    return drains.status(1);
  }

  @Test
  void whatWasNotLookedAt_hasNoCount() {
    assertTrue(drains.status(1).getUncounted());
    Leaving leaving = new Leaving(List.of(1));
    Shortages found = new Shortages(2, leaving, Absence.none(replicas), replicas);
    assertTrue(surveyed(found, leaving, true, SECOND).getUncounted());
    assertFalse(surveyed(found, leaving, false, SECOND).getUncounted());
  }

  @Test
  void chunksThatAreOnAllOtherServers_areThoseOfTheServer_andHaveNoEstimate() {
    for (int chunk = 1; chunk <= 3; chunk++) {
      replicas.reported(chunk, 2, 3);
      replicas.reported(chunk, 3, 3);
    }
    replicas.reported(1, 1, 3);
    Leaving leaving = new Leaving(List.of(1));
    Shortages found = new Shortages(2, leaving, Absence.none(replicas), replicas);
    found.chunk(1, 3, 3, 1);
    found.chunk(2, 3, 2, 0);
    found.chunk(3, 3, 2, 0);
    DrainStatus status = surveyed(found, leaving, false, SECOND);
    assertEquals(1, status.getChunksLeft());
    assertEquals(0, status.getMillisLeft());
    assertEquals(
        "1 of them have a replica on each other chunk server there is for them (2): start more",
        status.getWaits());
  }

  @Test
  void serverWithoutAnything_isDrained_whenItKeepsBytesOutForLongEnough() {
    Leaving leaving = new Leaving(List.of(1));
    Shortages found = new Shortages(2, leaving, Absence.none(replicas), replicas);
    fleet.drains(1, true, 0, HeartbeatReply.newBuilder());
    assertFalse(surveyed(found, leaving, false, SECOND).getDone());
    assertTrue(surveyed(found, leaving, false, 6 * SECOND).getDone());
  }
}
