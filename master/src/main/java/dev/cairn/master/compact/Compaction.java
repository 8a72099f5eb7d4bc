package dev.cairn.master.compact;

import dev.cairn.master.compact.Build.State;
import dev.cairn.master.decide.RelocateDecider;
import dev.cairn.master.fleet.Candidate;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.fleet.Placement;
import dev.cairn.master.log.Answer;
import dev.cairn.master.log.Writer;
import dev.cairn.master.repair.Repairs;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.state.ExtentRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.state.TableScan;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.BuildOrder;
import dev.cairn.rpc.proto.CopyResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds what is worth being written anew, has it done, and relocates what was. */
public final class Compaction {

  private static final Logger log = LoggerFactory.getLogger(Compaction.class);
  private static final int MOST_BUILDS = 256;
  private static final int MOST_PARTS_UNDER_WAY = 8 * FilePlans.MOST_PARTS;
  private static final long MOST_BYTES_UNDER_WAY = 128L << 20;

  private final CompactionSettings settings;
  private final Rounds rounds;
  private final Writer writer;
  private final Fleet fleet;
  private final ReplicaMap replicas;
  private final Orders orders;
  private final Repairs repairs;
  private final Placement placement;
  private final MetadataView latest;
  private final Time time;
  private final Map<Long, Build> builds = new LinkedHashMap<>();
  // Plans that have yet to get a chunk id.
  private int starting;
  private final LongAdder relocated = new LongAdder();
  private final LongAdder relocatedBytes = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  public Compaction(
      CompactionSettings settings,
      Writer writer,
      Fleet fleet,
      ReplicaMap replicas,
      Repairs repairs,
      Placement placement,
      MetadataView latest,
      TableScan scan,
      Time time) {
    this.settings = settings;
    this.writer = writer;
    this.fleet = fleet;
    this.replicas = replicas;
    this.orders = new Orders(fleet, replicas);
    this.repairs = repairs;
    this.placement = placement;
    this.latest = latest;
    this.time = time;
    this.rounds = new Rounds(settings, latest, scan, time);
  }

  /** Looks at some more files, if there is room for what may be found and nothing more urgent. */
  public void step() {
    dropOrdersOfTheDead();
    Set<Long> busy = busyFiles();
    boolean calm = fleet.allReported() && repairs.progress().copiesUnderWay() == 0;
    if (settings.quiet().isZero() || !calm || busy == null) {
      return;
    }
    for (Plan plan : rounds.next(busy)) {
      start(plan);
    }
  }

  /** The files that are worked at; null when that is enough for now. */
  private synchronized Set<Long> busyFiles() {
    Set<Long> busy = new HashSet<>();
    long parts = 0;
    long bytes = 0;
    for (Build build : builds.values()) {
      busy.add(build.plan().inode());
      parts += build.plan().extents().size();
      bytes += build.plan().length();
    }
    boolean enough =
        starting > 0
            || builds.size() >= MOST_BUILDS
            || parts >= MOST_PARTS_UNDER_WAY
            || bytes >= MOST_BYTES_UNDER_WAY;
    return enough ? null : busy;
  }

  private void start(Plan plan) {
    List<Integer> targets = targets(plan);
    if (targets.size() < plan.replicas()) {
      return;
    }
    synchronized (this) {
      starting++;
    }
    writer.submit(
        (view, now) -> RelocateDecider.takeChunkId(view),
        new Answer<Long>() {
          @Override
          public void granted(Long chunk) {
            started(chunk, plan, targets);
          }

          @Override
          public void refused(CairnException why) {
            started(0, plan, targets);
          }
        });
  }

  /** As many servers as replicas are wanted, or fewer when that cannot be. */
  private List<Integer> targets(Plan plan) {
    List<Candidate> living = fleet.candidates(time.ticks());
    try {
      return orders.canBeRead(plan)
          ? placement.choose(living, plan.replicas(), Set.of(), plan.length())
          : List.of();
    } catch (CairnException e) {
      log.debug("inode {} is not compacted: {}", plan.inode(), e.getMessage());
      return List.of();
    }
  }

  private synchronized void started(long chunk, Plan plan, List<Integer> targets) {
    starting--;
    if (chunk != 0) {
      builds.put(chunk, new Build(chunk, plan, targets));
    }
  }

  /**
   * What the server shall put together next.
   *
   * @param had the orders it has
   */
  public synchronized List<BuildOrder> orders(int server, Collection<Long> had) {
    Set<Long> there = new HashSet<>(had);
    List<BuildOrder> told = new ArrayList<>();
    for (Build build : List.copyOf(builds.values())) {
      State state = build.state(server);
      if (state == State.TOLD && !there.contains(build.chunk())) {
        drop(build);
      } else if (state == State.ORDERED) {
        told.add(orders.of(build, server));
        build.state(server, State.TOLD);
      }
    }
    return told;
  }

  private synchronized void dropOrdersOfTheDead() {
    for (Build build : List.copyOf(builds.values())) {
      if (!build.servers().stream().allMatch(fleet::lives)) {
        drop(build);
      }
    }
  }

  /** Gives a build up: what is there of it is garbage. */
  private void drop(Build build) {
    builds.remove(build.chunk());
    relocate(build, List.of());
  }

  /** Takes how orders ended; answers chunks that are there and that nobody needs (any more). */
  public synchronized List<Long> ended(int server, List<CopyResult> results) {
    List<Long> unknown = new ArrayList<>();
    for (CopyResult result : results) {
      Build build = builds.get(result.getChunkId());
      boolean done = result.getLength() > 0;
      if (build == null || build.state(server) == null) {
        if (done && latest.chunk(result.getChunkId()) == null) {
          unknown.add(result.getChunkId());
        }
        continue;
      }
      if (done && result.getLength() == build.plan().length()) {
        build.state(server, State.DONE);
        if (build.isDone()) {
          builds.remove(build.chunk());
          relocate(build, build.plan().extents());
        }
      } else {
        log.debug("chunk {} was not put together: {}", build.chunk(), result.getFailure());
        drop(build);
      }
    }
    return unknown;
  }

  private void relocate(Build build, List<ExtentRow> extents) {
    List<Integer> built =
        build.servers().stream().filter(s -> build.state(s) == State.DONE).toList();
    writer.submit(
        new Relocation(replicas, build, extents, built),
        new Answer<Long>() {
          @Override
          public void granted(Long bytes) {
            (bytes == 0 ? dropped : relocated).increment();
            relocatedBytes.add(bytes);
          }

          @Override
          public void refused(CairnException why) {
            dropped.increment();
          }
        });
  }

  /** Builds that are ordered and not over. */
  public synchronized int underWay() {
    return builds.size();
  }

  /** New chunks that files refer to. */
  public LongAdder relocated() {
    return relocated;
  }

  /** Bytes of these chunks. */
  public LongAdder relocatedBytes() {
    return relocatedBytes;
  }

  /** New chunks that no file refers to, since something came between. */
  public LongAdder dropped() {
    return dropped;
  }
}
