package dev.cairn.master.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.rpc.proto.DiskStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much room disks have together. */
final class CapacityTest {

  private static DiskStatus disk(String filesystem, long total, long free) {
    return DiskStatus.newBuilder()
        .setFilesystem(filesystem)
        .setTotalBytes(total)
        .setFreeBytes(free)
        .build();
  }

  @Test
  void filesystemThatSeveralDirectoriesShare_countsOnce() {
    assertEquals(
        new Capacity(3000, 1700, 0),
        Capacity.of(
            List.of(disk("a:1", 1000, 800), disk("a:1", 1000, 790), disk("b:1", 2000, 910))));
  }

  @Test
  void directoriesOfWhichTheFilesystemIsNotKnown_countEach() {
    assertEquals(
        new Capacity(2000, 1500, 0),
        Capacity.of(List.of(disk("", 1000, 700), disk("", 1000, 800))));
  }

  @Test
  void failedDisk_doesNotCount() {
    DiskStatus failed = disk("a:1", 1000, 0).toBuilder().setFailure("input/output error").build();
    assertEquals(new Capacity(1000, 600, 0), Capacity.of(List.of(failed, disk("a:1", 1000, 600))));
  }

  @Test
  void whatCairnHolds_countsForEachDirectory_andWhatOthersHoldDoesNot() {
    DiskStatus one = disk("a:1", 1000, 600).toBuilder().setHeldBytes(100).build();
    DiskStatus other = disk("a:1", 1000, 600).toBuilder().setHeldBytes(50).build();
    Capacity capacity = Capacity.of(List.of(one, other));
    assertEquals(new Capacity(1000, 600, 150), capacity);
    assertEquals(750, capacity.usableBytes());
  }
}
