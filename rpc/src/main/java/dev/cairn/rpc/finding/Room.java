package dev.cairn.rpc.finding;

import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.proto.ChunkServerStatus;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.SpaceStatus;

/** Room on disks in words: what Cairn uses, what others use, what is free. */
public final class Room {

  private Room() {}

  /** The room of a server, each of its filesystems counted once. */
  public static SpaceStatus of(ChunkServerStatus server) {
    return server.getSpace();
  }

  /** The room of a disk. */
  public static SpaceStatus of(DiskStatus disk) {
    return SpaceStatus.newBuilder()
        .setTotalBytes(disk.getTotalBytes())
        .setFreeBytes(disk.getFreeBytes())
        .setHeldBytes(disk.getHeldBytes())
        .build();
  }

  /** What other programs use, or is kept in reserve. */
  public static long others(SpaceStatus space) {
    return Math.max(0, space.getTotalBytes() - space.getFreeBytes() - space.getHeldBytes());
  }

  /** How much cannot be written to any more, whoever uses it. */
  public static long percentTaken(SpaceStatus space) {
    long taken = space.getTotalBytes() - space.getFreeBytes();
    return space.getTotalBytes() == 0 ? 0 : (long) (100.0 * taken / space.getTotalBytes());
  }

  /** Like {@code 1.2 GiB used by Cairn, 20.0 GiB by others, 78.8 GiB of 100.0 GiB free}. */
  public static String line(SpaceStatus space) {
    return SizeInBytes.show(space.getHeldBytes())
        + " used by Cairn, "
        + SizeInBytes.show(others(space))
        + " by others, "
        + SizeInBytes.show(space.getFreeBytes())
        + " of "
        + SizeInBytes.show(space.getTotalBytes())
        + " free";
  }
}
