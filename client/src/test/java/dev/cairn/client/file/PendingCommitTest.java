package dev.cairn.client.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.rpc.proto.Extent;
import dev.cairn.rpc.proto.WrittenChunk;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PendingCommitTest {

  private final PendingCommit pending = new PendingCommit();

  private static WrittenChunk chunk(long id, long length, boolean sealed) {
    return WrittenChunk.newBuilder()
        .setChunkId(id)
        .setLength(length)
        .setSealed(sealed)
        .addServerIds(1)
        .addServerIds(2)
        .build();
  }

  private void write(long id, long offset, long length) {
    Extent extent =
        Extent.newBuilder().setFileOffset(offset).setLength(length).setChunkId(id).build();
    pending.add(List.of(extent), List.of(chunk(id, offset + length, false)), false);
  }

  @Test
  void whatIsForced_isNamedUntilItIs_toEverybodyWhoAsks() {
    write(7, 0, 10);
    Map<Long, List<Integer>> first = pending.unsynced();
    assertEquals(Map.of(7L, List.of(1, 2)), first);
    assertEquals(first, pending.unsynced());
    pending.synced(first);
    assertEquals(Map.of(), pending.unsynced());
  }

  @Test
  void whatIsWrittenDuringAForce_isToBeForcedAgain() {
    write(7, 0, 10);
    write(8, 10, 10);
    Map<Long, List<Integer>> underWay = pending.unsynced();
    write(8, 20, 10);
    pending.synced(underWay);
    assertEquals(Set.of(8L), pending.unsynced().keySet());
  }

  @Test
  void whatWasCommittedBeforeAFailure_isToBeForcedNevertheless() {
    write(7, 0, 10);
    assertEquals(1, pending.take().extents().size());
    write(8, 10, 10);
    pending.clear();
    assertTrue(pending.isEmpty());
    assertTrue(pending.unsynced().containsKey(7L));
  }

  @Test
  void aSeal_goesWithTheChunksBytes_ifThereAreSome() {
    write(7, 0, 10);
    assertTrue(pending.seal(chunk(7, 10, true)));
    assertEquals(List.of(chunk(7, 10, true)), pending.take().chunks());
    assertFalse(pending.seal(chunk(7, 10, true)));
    assertTrue(pending.isEmpty());
  }
}
