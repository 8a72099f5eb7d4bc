package dev.cairn.master.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.record.proto.MarkedReplica;
import dev.cairn.master.record.proto.ReplicaName;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.store.MemoryStore;
import java.util.List;
import org.junit.jupiter.api.Test;

class BadReplicasTest {

  private final BadReplicas bad = new BadReplicas(new MetadataView(new MemoryStore()));

  private static MarkedReplica mark(long chunk, int server) {
    return MarkedReplica.newBuilder().setChunk(chunk).setServer(server).build();
  }

  private static ReplicaName name(long chunk, int server) {
    return ReplicaName.newBuilder().setChunk(chunk).setServer(server).build();
  }

  @Test
  void aForgottenMark_isPutAside_andNoLongerListed() {
    bad.marked(mark(7, 1));
    bad.marked(mark(7, 2));
    bad.forgotten(name(7, 1));
    bad.forgotten(name(8, 1));
    assertFalse(bad.contains(7, 1));
    assertTrue(bad.contains(7, 2));
    assertEquals(List.of(mark(7, 2)), bad.list(10));
    assertEquals(new ReplicaMap.PutAside(1, List.of(mark(7, 1))), bad.putAside());
  }

  @Test
  void ofManyPutAside_allAreCounted_andTheLatestKept() {
    for (long chunk = 1; chunk <= 30; chunk++) {
      bad.marked(mark(chunk, 1));
      bad.forgotten(name(chunk, 1));
    }
    ReplicaMap.PutAside aside = bad.putAside();
    assertEquals(30, aside.count());
    assertEquals(20, aside.latest().size());
    assertEquals(mark(30, 1), aside.latest().get(0));
  }
}
