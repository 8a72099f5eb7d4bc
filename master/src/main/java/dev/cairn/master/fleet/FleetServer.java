package dev.cairn.master.fleet;

import dev.cairn.master.record.proto.ChunkServer;
import dev.cairn.rpc.proto.DiskStatus;
import dev.cairn.rpc.proto.ScrubStatus;
import dev.cairn.rpc.proto.ServerAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A chunk server this master knows. Its fields are guarded by the fleet's lock. */
final class FleetServer {

  /**
   * What it does. KNOWN -> LIVING on registering; KNOWN, LIVING -> DEAD on silence; DEAD -> LIVING.
   */
  enum State {
    /** From before this master's start; has not registered since. */
    KNOWN,
    LIVING,
    DEAD
  }

  static final long NO_INCARNATION = 0;

  ChunkServer row;
  // Of the process that registered last; none before one has registered at this master.
  long incarnation = NO_INCARNATION;
  // Those of processes in whose place others came.
  final Set<Long> replaced = new HashSet<>();
  // The process said that it ends.
  boolean left;
  State state = State.KNOWN;
  boolean reported;
  // It had reported its chunks at some time since the master started.
  boolean wasReported;
  long unreportedSinceTicks;
  long heardTicks;
  List<DiskStatus> disks = List.of();
  long chunkCount;
  int connections;
  ScrubStatus scrub = ScrubStatus.getDefaultInstance();
  long scrubRequest;
  boolean scrubFullSpeed;
  // It keeps clients' bytes out, as it says.
  boolean closed;
  // Its maintenance is announced, and not known to be over.
  boolean maintained;
  long closedSinceTicks;
  // Where it serves metrics; empty when it does not.
  String http = "";

  FleetServer(ChunkServer row, long nowTicks) {
    this.row = row;
    this.heardTicks = nowTicks;
    this.unreportedSinceTicks = nowTicks;
    this.maintained = row.getMaintenanceUntil() != 0;
  }

  ServerAddress address() {
    return ServerAddress.newBuilder()
        .setServerId(row.getId())
        .setHost(row.getHost())
        .setPort(row.getDataPort())
        .build();
  }

  /** The room on its disks. */
  Capacity capacity() {
    return Capacity.of(disks);
  }
}
