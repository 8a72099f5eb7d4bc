package dev.cairn.master.repair;

import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.rpc.SizeInBytes;
import dev.cairn.rpc.proto.CopyResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once when repair begins and why, and once when it is over. For one thread at a time. */
final class RepairLog {

  private static final Logger log = LoggerFactory.getLogger(Repairs.class);
  private static final double NANOS_PER_SECOND = 1e9;

  private final Fleet fleet;
  private final ReplicaMap replicas;
  private boolean repairing;
  private long beganTicks;
  private long copies;
  private long bytes;
  private long failures;

  RepairLog(Fleet fleet, ReplicaMap replicas) {
    this.fleet = fleet;
    this.replicas = replicas;
  }

  /** A survey is done. */
  void surveyed(long repairs, int underWay, long nowTicks) {
    if (!repairing && repairs > 0) {
      repairing = true;
      beganTicks = nowTicks;
      copies = 0;
      bytes = 0;
      failures = 0;
      log.warn("repair begins: {} chunks have too few replicas ({})", repairs, reasons());
    } else if (repairing && repairs == 0 && underWay == 0) {
      repairing = false;
      log.info(
          "repair is over: {} replicas, {}, {} s{}",
          copies,
          SizeInBytes.show(bytes),
          String.format(Locale.ROOT, "%.1f", (nowTicks - beganTicks) / NANOS_PER_SECOND),
          failures == 0 ? "" : ", " + failures + " copies were tried again");
    }
  }

  private String reasons() {
    List<String> reasons = new ArrayList<>();
    fleet.dead().forEach(server -> reasons.add("chunk server " + server + " is dead"));
    int marked = replicas.bad(Integer.MAX_VALUE).size();
    if (marked > 0) {
      reasons.add(marked + " replicas are bad");
    }
    return reasons.isEmpty() ? "replicas were lost or never made" : String.join(", ", reasons);
  }

  void copied(long length) {
    copies++;
    bytes += length;
  }

  void failed(int server, CopyResult result) {
    failures++;
    log.debug(
        "chunk {} was not copied to {}: {}",
        result.getChunkId(),
        fleet.shown(server),
        result.getFailure());
  }
}
