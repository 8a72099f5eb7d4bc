package dev.cairn.master.fleet;

import dev.cairn.rpc.proto.DiskStatus;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * How much room disks have together. Data directories that lie on one filesystem, of one server or
 * of several on a machine, share its room: it counts once, with the least that any of them says is
 * free.
 */
public record Capacity(long totalBytes, long freeBytes) {

  static Capacity of(Collection<DiskStatus> disks) {
    Map<String, DiskStatus> shared = new HashMap<>();
    long total = 0;
    long free = 0;
    for (DiskStatus disk : disks) {
      if (!disk.getFailure().isEmpty()) {
        continue;
      }
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
    return new Capacity(total, free);
  }

  private static DiskStatus fuller(DiskStatus one, DiskStatus other) {
    return other.getFreeBytes() < one.getFreeBytes() ? other : one;
  }
}
