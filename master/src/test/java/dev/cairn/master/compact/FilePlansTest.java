package dev.cairn.master.compact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.master.record.proto.Chunk;
import dev.cairn.master.record.proto.ChunksWritten;
import dev.cairn.master.record.proto.ExtentsChanged;
import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.record.proto.Record;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.StateMachine;
import dev.cairn.master.store.MemoryStore;
import dev.cairn.master.store.Overlay;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.Extent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of a file is worth being written anew. */
final class FilePlansTest {

  private static final int CHUNK_SIZE = 1 << 20;
  private static final int SHORT = 4096;
  private static final Inode FILE =
      Inode.newBuilder()
          .setExtentMap(7)
          .setAttributes(
              Attributes.newBuilder().setInode(7).setChunkSize(CHUNK_SIZE).setReplicas(2))
          .build();

  private final Overlay rows = new Overlay(new MemoryStore());
  private final StateMachine state = new StateMachine(rows);

  private void chunk(long id, int references, int length, boolean sealed) {
    state.apply(
        Record.newBuilder()
            .setChunksWritten(
                ChunksWritten.newBuilder()
                    .addChunks(
                        Chunk.newBuilder()
                            .setId(id)
                            .setReferences(references)
                            .setLength(length)
                            .setReplicas(2)
                            .setSealed(sealed)))
            .build());
  }

  private void extent(long offset, int length, long chunk, long chunkOffset) {
    state.apply(
        Record.newBuilder()
            .setExtentsChanged(
                ExtentsChanged.newBuilder()
                    .setExtentMap(7)
                    .addWritten(
                        Extent.newBuilder()
                            .setFileOffset(offset)
                            .setLength(length)
                            .setChunkId(chunk)
                            .setChunkOffset(chunkOffset)))
            .build());
  }

  private List<Plan> plans() {
    CompactionSettings settings = new CompactionSettings(Duration.ofMinutes(1), 50, 64 << 10);
    return FilePlans.of(settings, new MetadataView(rows), FILE, 100);
  }

  private static List<Long> offsets(Plan plan) {
    return plan.extents().stream().map(ExtentRow::start).toList();
  }

  @Test
  void chunkOfWhichHalfIsDead_isPlanned_withAllItsExtents() {
    chunk(1, 2, 200_000, true);
    extent(0, 70_000, 1, 0);
    extent(500_000, 30_000, 1, 170_000);
    assertEquals(List.of(0L, 500_000L), offsets(plans().get(0)));
    assertEquals(100_000, plans().get(0).length());
    assertEquals(1, plans().size());
  }

  @Test
  void chunkOfWhichLessIsDead_isLeft() {
    chunk(1, 1, 200_000, true);
    extent(0, 110_000, 1, 0);
    assertEquals(List.of(), plans());
  }

  @Test
  void chunkThatAnotherFileRefersToAsWell_isLeft() {
    chunk(1, 2, 200_000, true);
    extent(0, 20_000, 1, 0);
    assertEquals(List.of(), plans());
  }

  @Test
  void chunkThatIsStillWritten_isLeft() {
    chunk(1, 1, 200_000, false);
    extent(0, 20_000, 1, 0);
    assertEquals(List.of(), plans());
  }

  @Test
  void manyShortExtentsInARow_areOnePlan_andFewAreLeft() {
    shortExtents(FilePlans.LEAST_JOINED);
    assertEquals(List.of(), plans());
    shortExtents(FilePlans.LEAST_JOINED + 1);
    assertEquals(1, plans().size());
    assertEquals(FilePlans.LEAST_JOINED + 1, plans().get(0).extents().size());
  }

  private void shortExtents(int count) {
    for (int i = 0; i < count; i++) {
      chunk(10 + i, 1, SHORT, true);
      extent((long) i * SHORT, SHORT, 10 + i, 0);
    }
  }

  @Test
  void shortExtentsThatDoNotAdjoin_areLeft() {
    for (int i = 0; i < 100; i++) {
      chunk(10 + i, 1, SHORT, true);
      extent(i * 2L * SHORT, SHORT, 10 + i, 0);
    }
    assertEquals(List.of(), plans());
  }

  @Test
  void longExtentsBetween_areNotCopied() {
    shortExtents(20);
    chunk(5, 1, 100_000, true);
    extent(20 * SHORT, 100_000, 5, 0);
    assertEquals(20, plans().get(0).extents().size());
  }

  @Test
  void plans_endWhereAChunkMayEnd() {
    for (int i = 0; i < 600; i++) {
      chunk(10 + i, 1, SHORT, true);
      extent((long) i * SHORT, SHORT, 10 + i, 0);
    }
    List<Plan> plans = plans();
    assertEquals(3, plans.size());
    assertEquals(CHUNK_SIZE, plans.get(0).length());
    assertEquals(CHUNK_SIZE, plans.get(1).extents().get(0).start());
    List<ExtentRow> all = new ArrayList<>();
    plans.forEach(plan -> all.addAll(plan.extents()));
    assertEquals(600, all.size());
    assertTrue(plans.stream().allMatch(plan -> plan.length() <= CHUNK_SIZE));
  }

  @Test
  void whatWasWrittenAnew_isNotWrittenAnewAgain() {
    chunk(1, 1, 100 * SHORT, true);
    extent(0, 100 * SHORT, 1, 0);
    assertEquals(List.of(), plans());
  }
}
