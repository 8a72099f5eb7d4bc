package dev.cairn.master.fleet;

import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.SpaceStatus;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * How much room disks have together. Data directories that lie on one filesystem, of one server or
 * of several on a machine, share its room: it counts once, with the least that any of them says is
 * free.
 *
 * @param heldBytes what Cairn's own data takes; what others take is neither held nor free
 */
public record Capacity(long totalBytes, long freeBytes, long heldBytes) {

  static Capacity of(Collection<DiskStatus> disks) {
    Map<String, DiskStatus> shared = new HashMap<>();
    long total = 0;
    long free = 0;
    long held = 0;
    for (DiskStatus disk : disks) {
      if (!disk.getFailure().isEmpty()) {
        continue;
      }
      held += disk.getHeldBytes();
      if (disk.getFilesystem().isEmpty()) {
        total += disk.getTotalBytes();
        free += disk.getFreeBytes();
      } else {
        shared.merge(disk.getFilesystem(), disk, Capacity::fuller);
      }
    }
    for (DiskStatus disk : shared.values()) {
      total += disk.getTotalBytes();
      free += disk.getFreeBytes();
    }
    return new Capacity(total, free, held);
  }

  private static DiskStatus fuller(DiskStatus one, DiskStatus other) {
    return other.getFreeBytes() < one.getFreeBytes() ? other : one;
  }

  /** What Cairn takes and may take: the size of the filesystem, as its users see it. */
  public long usableBytes() {
    return heldBytes + freeBytes;
  }

  public SpaceStatus status() {
    return SpaceStatus.newBuilder()
        .setTotalBytes(totalBytes)
        .setFreeBytes(freeBytes)
        .setHeldBytes(heldBytes)
        .build();
  }
}
