package dev.cairn.master.compact;

import dev.cairn.master.record.proto.Inode;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.TableScan;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.proto.Attributes;
import dev.cairn.rpc.proto.FileType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Goes through all files again and again, some at a time. For one thread. */
final class Rounds {

  private static final int INODES_AT_A_TIME = 1024;
  private static final int MOST_PLANS = 64;
  private static final long REST_NANOS = Duration.ofSeconds(30).toNanos();

  private final CompactionSettings settings;
  private final MetadataView latest;
  private final TableScan scan;
  private final Time time;
  private long next;
  private long restedTicks;
  private boolean resting;

  Rounds(CompactionSettings settings, MetadataView latest, TableScan scan, Time time) {
    this.settings = settings;
    this.latest = latest;
    this.scan = scan;
    this.time = time;
  }

  /**
   * Plans for some more files; none while it rests.
   *
   * @param busy files to leave out
   */
  List<Plan> next(Set<Long> busy) {
    if (resting && time.ticks() - restedTicks < rest()) {
      return List.of();
    }
    List<Plan> plans = new ArrayList<>();
    int[] looked = {0};
    boolean[] more = {false};
    scan.inodesFrom(
        next,
        inode -> {
          more[0] = looked[0]++ == INODES_AT_A_TIME || plans.size() >= MOST_PLANS;
          next = inode.getAttributes().getInode();
          if (!more[0] && isCandidate(inode, busy)) {
            plans.addAll(FilePlans.of(settings, latest, inode, MOST_PLANS - plans.size()));
          }
          return !more[0];
        });
    if (!more[0]) {
      next = 0;
      resting = true;
      restedTicks = time.ticks();
    } else {
      resting = false;
    }
    return plans;
  }

  private long rest() {
    return Math.min(REST_NANOS, settings.quiet().toNanos());
  }

  private boolean isCandidate(Inode inode, Set<Long> busy) {
    Attributes attributes = inode.getAttributes();
    return attributes.getType() == FileType.REGULAR
        && attributes.getLinks() > 0
        && attributes.getAllocated() > 0
        && time.now() - attributes.getCtime() >= settings.quiet().toNanos()
        && !busy.contains(attributes.getInode());
  }
}
