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

  @Test
  void aCommitOfOneExtent_isHalvedInTheExtent() {
    write(7, 100, 11);
    pending.seal(chunk(7, 200, true));
    List<PendingCommit.Batch> halves = pending.take().halves();
    PendingCommit.Batch first = halves.get(0);
    PendingCommit.Batch second = halves.get(1);
    assertEquals(List.of(extent(7, 100, 5, 0)), first.extents());
    assertEquals(List.of(extent(7, 105, 6, 5)), second.extents());
    assertEquals(List.of(chunk(7, 200, false)), first.chunks(), "it is sealed with its last bytes");
    assertEquals(List.of(chunk(7, 200, true)), second.chunks());
    assertEquals(105, first.end());
  }

  @Test
  void aChunkOfTwoCommits_isSealedWithTheLast() {
    for (int i = 0; i < PendingCommit.MOST_EXTENTS; i++) {
      write(7, 2L * i, 1);
    }
    write(7, 1, 1);
    pending.seal(chunk(7, 20_000, true));
    assertEquals(List.of(chunk(7, 20_000, false)), pending.take().chunks());
    assertEquals(List.of(chunk(7, 20_000, true)), pending.take().chunks());
    assertTrue(pending.isEmpty());
  }

  @Test
  void aCommitOfManyExtents_isHalvedBetweenThem_withTheChunksOfEach() {
    write(7, 0, 10);
    write(8, 10, 10);
    write(8, 20, 10);
    write(9, 30, 1);
    pending.seal(chunk(7, 10, true));
    List<PendingCommit.Batch> halves = pending.take().halves();
    assertEquals(2, halves.get(0).extents().size());
    assertEquals(List.of(chunk(7, 10, true), chunk(8, 30, false)), halves.get(0).chunks());
    assertEquals(List.of(chunk(8, 30, false), chunk(9, 31, false)), halves.get(1).chunks());
    assertTrue(halves.get(1).canBeHalved());
  }

  @Test
  void whatOneExtentOfOneByteIsCommittedWith_cannotBeHalved() {
    write(7, 0, 1);
    assertFalse(pending.take().canBeHalved());
  }

  private static Extent extent(long id, long offset, long length, long chunkOffset) {
    return Extent.newBuilder()
        .setFileOffset(offset)
        .setLength(length)
        .setChunkId(id)
        .setChunkOffset(chunkOffset)
        .build();
  }
}
