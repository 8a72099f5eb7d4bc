package dev.cairn.master.repair;

import dev.cairn.master.fleet.Candidate;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.repair.OrderBook.Order;
import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.master.replica.Standing;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.proto.ChunkCopy;
import dev.cairn.rpc.proto.CopyOrder;
import dev.cairn.rpc.proto.CopyResult;
import dev.cairn.rpc.proto.DrainStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/** Finds out which replicas are missing, and has them made. */
public final class Repairs {

  /**
   * How repair goes, for people.
   *
   * @param waits why some copies are not made; empty when there is no reason
   * @param awaited chunks that lack only replicas on servers in maintenance
   */
  public record Progress(int copiesUnderWay, String waits, long awaited) {}

  /**
   * What a server shall give up since others stand in for it.
   *
   * @param answer the number of the answer that tells the server
   * @param surplus good replicas, to be deleted since there are too many
   * @param unfit bad and stale replicas, to be put aside
   */
  public record Going(long answer, List<Long> surplus, List<Long> unfit) {}

  private static final Duration LONGEST_AWAITED = Duration.ofSeconds(60);
  private static final long SURVEY_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long CALM_SURVEY_NANOS = Duration.ofSeconds(10).toNanos();
  private static final int MOST_TRIED_AT_ONCE = 1 << 14;

  /** When so many chunks in a row have to wait, most others have to, too. */
  private static final int MOST_TRIED_IN_VAIN = 256;

  /** An odd number, so that surveys come to begin everywhere. */
  private static final int PARTS_SKIPPED = 37;

  private static final long SILENT_MILLIS = 3000;
  private static final int ORDERED_SECONDS = 2;

  private final RepairSettings settings;
  private final Fleet fleet;
  private final ReplicaMap replicas;
  private final MetadataView latest;
  private final Time time;
  private final RandomGenerator random;
  private final RepairLog log;
  private final OrderBook book = new OrderBook();
  private final Spares spares;
  private final Drains drains;
  private final Balancing balancing;
  private final LongAdder copied = new LongAdder();
  private final LongAdder copiedBytes = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private Shortages shortages;
  private Absence absence;
  // Chunks for which no server had room when they were looked at last.
  private long noRoom;
  private long surveyedTicks;
  private long surveyedChanges = -1;
  private boolean awaiting;
  // Where the next survey begins. For the thread of surveys.
  private int firstPart;

  public Repairs(
      RepairSettings settings,
      Fleet fleet,
      ReplicaMap replicas,
      MetadataView latest,
      Time time,
      RandomGenerator random) {
    this.settings = settings;
    this.fleet = fleet;
    this.replicas = replicas;
    this.latest = latest;
    this.time = time;
    this.random = random;
    this.log = new RepairLog(fleet, replicas);
    this.spares = new Spares(replicas, latest, book);
    this.drains = new Drains(fleet);
    this.balancing =
        new Balancing(settings.balanceBytesPerSecond(), replicas, spares, book, latest);
    this.absence = Absence.none(replicas);
    this.shortages = new Shortages(0, new Leaving(List.of()), absence, replicas);
  }

  public RepairSettings settings() {
    return settings;
  }

  /** Looks for what is missing, if it is time to. Always called on the same thread. */
  public void survey() {
    long now = time.ticks();
    long changes = replicas.changes() + fleet.changes();
    if (!isDue(now, changes)) {
      return;
    }
    boolean mustWait = fleet.awaitsReports(LONGEST_AWAITED, now);
    Leaving leaving = new Leaving(fleet.draining());
    int places = places(now);
    Absence away = new Absence(fleet.maintainedAway(), replicas);
    Shortages found = new Shortages(places, leaving, away, replicas);
    Unbalanced unbalanced = balancing.lookFor(mustWait ? List.of() : prompt(), replicas::counts);
    if (!mustWait) {
      look(found, unbalanced);
    }
    synchronized (this) {
      awaiting = mustWait;
      surveyedTicks = now;
      surveyedChanges = mustWait ? -1 : changes;
      shortages = found;
      absence = away;
      noRoom = 0;
      forgetTheDead();
      refill();
      spares.choose(found.surplus(), prompt());
      balancing.surveyed(unbalanced);
      drains.surveyed(
          leaving, new Drains.Obstacles(mustWait, found.repairs(), places, noRoom), latest, now);
      if (!mustWait) {
        log.surveyed(found.repairs(), book.size(), now);
      }
    }
  }

  /**
   * Looks at all chunks for what is missing, and at some for balance, unless there is more urgent
   * work. Begins elsewhere each time: what is queued last now is not the next time.
   */
  private void look(Shortages found, Unbalanced unbalanced) {
    ReplicaMap.Survey both =
        (chunk, wanted, good, leaving) -> {
          found.chunk(chunk, wanted, good, leaving);
          if (good == wanted && leaving == 0) {
            unbalanced.consider(chunk, wanted, replicas.holders(chunk));
          }
        };
    boolean calm = nothingWasMissing();
    for (int i = 0; i < ReplicaMap.PARTS; i++) {
      int part = (firstPart + i) % ReplicaMap.PARTS;
      if (calm && found.isEmpty() && unbalanced.wantsAnother()) {
        replicas.survey(part, both);
        unbalanced.partEnds();
      } else {
        replicas.survey(part, found);
      }
    }
    int step = unbalanced.parts() == 0 ? PARTS_SKIPPED : unbalanced.parts();
    firstPart = (firstPart + step) % ReplicaMap.PARTS;
  }

  private synchronized boolean nothingWasMissing() {
    return shortages.isEmpty();
  }

  private synchronized boolean isDue(long now, long changes) {
    boolean busy =
        changes != surveyedChanges
            || book.size() > 0
            || !spares.isEmpty()
            || shortages.repairs() > 0
            || balancing.isBusy()
            || !fleet.draining().isEmpty();
    return now - surveyedTicks >= (busy ? SURVEY_NANOS : CALM_SURVEY_NANOS);
  }

  private void forgetTheDead() {
    for (int target : book.targets()) {
      if (!fleet.lives(target)) {
        book.drop(target);
      }
    }
  }

  private synchronized int places(long now) {
    return sites(now).size();
  }

  private List<Site> sites(long now) {
    List<Site> sites = new ArrayList<>();
    long mostBytes = ORDERED_SECONDS * settings.bytesPerSecond();
    for (Candidate server : fleet.candidates(now)) {
      int id = server.server();
      if (server.silentMillis() <= SILENT_MILLIS && !server.maintained()) {
        sites.add(new Site(server, mostBytes, book.bytesTo(id), book.countTo(id)));
      }
    }
    return sites;
  }

  /**
   * Orders what is queued, the most urgent first, as far as servers may get orders. What has to
   * wait goes behind the others of its queue: the next time they are tried.
   */
  private void refill() {
    List<Site> sites = sites(time.ticks());
    int tried = 0;
    for (int level = 0; level < Urgency.LEVELS; level++) {
      ChunkQueue queue = shortages.queue(level);
      ChunkQueue later = new ChunkQueue();
      int inVain = 0;
      while (!queue.isEmpty()
          && tried < MOST_TRIED_AT_ONCE
          && inVain < MOST_TRIED_IN_VAIN
          && hasIdle(sites)) {
        tried++;
        long chunk = queue.take();
        switch (order(chunk, sites)) {
          case LATER -> {
            later.add(chunk);
            inVain++;
          }
          case NOWHERE -> noRoom++;
          case CHOSEN -> inVain = 0;
          case NEEDLESS -> {}
        }
      }
      while (!later.isEmpty()) {
        queue.add(later.take());
      }
    }
    if (shortages.isEmpty()) {
      balancing.order(prompt(), time.ticks());
    }
  }

  private static boolean hasIdle(List<Site> sites) {
    for (Site site : sites) {
      if (site.isIdle(1)) {
        return true;
      }
    }
    return false;
  }

  /** Orders another replica of a chunk, if it needs one. */
  private CopyTarget.Outcome order(long chunk, List<Site> sites) {
    if (book.has(chunk)) {
      return CopyTarget.Outcome.NEEDLESS;
    }
    Set<Integer> holders = new HashSet<>();
    Set<Integer> damaged = new HashSet<>();
    Set<String> zones = new HashSet<>();
    List<Integer> sources = new ArrayList<>();
    int staying = 0;
    for (int server : replicas.holders(chunk)) {
      holders.add(server);
      Standing standing = replicas.standing(chunk, server);
      if (standing != Standing.NONE) {
        sources.add(server);
      } else if (replicas.isBad(chunk, server) && !replicas.isGoing(chunk, server)) {
        damaged.add(server);
      }
      if (standing == Standing.STAYING) {
        staying++;
        zones.add(fleet.zone(server));
      }
    }
    if (sources.isEmpty()) {
      return CopyTarget.Outcome.NEEDLESS;
    }
    for (Site site : sites) {
      // A stale replica is in no location, and could go when the copy has come.
      if (replicas.isGoing(chunk, site.id())) {
        holders.add(site.id());
      }
    }
    CopyTarget.Outcome best = CopyTarget.atBest(sites, holders);
    if (best != CopyTarget.Outcome.CHOSEN && damaged.isEmpty()) {
      return best;
    }
    ChunkRow row = latest.chunk(chunk);
    if (row == null || staying + absence.replicas(chunk) >= row.replicas()) {
      return CopyTarget.Outcome.NEEDLESS;
    }
    CopyTarget.Choice choice = CopyTarget.choose(sites, holders, zones, row.length(), random);
    boolean replace = choice.outcome() == CopyTarget.Outcome.NOWHERE && !damaged.isEmpty();
    if (replace) {
      choice = CopyTarget.replaceBad(sites, damaged, row.length());
    }
    if (choice.site() != null) {
      sources.sort(Comparator.comparingLong(book::bytesFrom));
      choice.site().ordered(row.length());
      int target = choice.site().id();
      book.add(new Order(chunk, row.length(), target, replace, List.copyOf(sources)));
    }
    return choice.outcome();
  }

  private List<Candidate> prompt() {
    List<Candidate> prompt = new ArrayList<>(fleet.candidates(time.ticks()));
    prompt.removeIf(server -> server.silentMillis() > SILENT_MILLIS);
    return prompt;
  }

  /**
   * What the server shall give up, as things are now; from here on it does not count.
   *
   * @param copying chunks of which it may get good replicas meanwhile
   * @param mayDelete whether anything may be given up
   */
  public synchronized Going going(int server, Collection<Long> copying, boolean mayDelete) {
    boolean known = mayDelete && fleet.allReported();
    List<Candidate> prompt = prompt();
    List<Long> surplus = known ? spares.surplusOn(server, prompt) : List.of();
    List<Long> unfit = known ? spares.unfitOn(server, prompt) : List.of();
    Set<Long> coming = new HashSet<>(copying);
    unfit = unfit.stream().filter(chunk -> !coming.contains(chunk)).toList();
    List<Long> all = new ArrayList<>(surplus);
    all.addAll(unfit);
    return new Going(replicas.told(server, all), surplus, unfit);
  }

  /** Copies of a server have ended: those that worked out are counted already. */
  public synchronized void ended(int server, List<CopyResult> results) {
    for (CopyResult result : results) {
      boolean known = book.remove(server, result.getChunkId()) != null;
      if (result.getLength() > 0 && known) {
        log.copied(result.getLength());
        copied.increment();
        copiedBytes.add(result.getLength());
      } else if (result.getLength() == 0) {
        log.failed(server, result);
        failed.increment();
      }
    }
  }

  /**
   * What the server shall copy next.
   *
   * @param copying the orders it has
   */
  public synchronized List<CopyOrder> orders(int server, Collection<Long> copying) {
    book.keep(server, new HashSet<>(copying));
    refill();
    Map<List<Integer>, CopyOrder.Builder> bySources = new LinkedHashMap<>();
    for (Order order : book.tell(server)) {
      bySources
          .computeIfAbsent(order.sources(), this::from)
          .addChunks(
              ChunkCopy.newBuilder()
                  .setChunkId(order.chunk())
                  .setLength(order.length())
                  .setReplace(order.replace()));
    }
    return bySources.values().stream().map(CopyOrder.Builder::build).toList();
  }

  private CopyOrder.Builder from(List<Integer> sources) {
    return CopyOrder.newBuilder().addAllSources(fleet.addresses(sources));
  }

  /** Replicas that were made by its orders. */
  public LongAdder copied() {
    return copied;
  }

  /** Bytes of these replicas. */
  public LongAdder copiedBytes() {
    return copiedBytes;
  }

  /** Orders that a server could not do. */
  public LongAdder failed() {
    return failed;
  }

  public synchronized Progress progress() {
    return new Progress(book.size(), waits(), shortages.awaited());
  }

  private String waits() {
    if (awaiting) {
      return "chunk servers have yet to say which chunks they hold";
    }
    if (shortages.stuck() > 0) {
      int places = sites(time.ticks()).size();
      return "some have a replica on each chunk server that takes copies ("
          + places
          + "): start more chunk servers";
    }
    return noRoom == 0
        ? ""
        : "no chunk server without a replica of them has room: add disks or chunk servers";
  }

  /** How far a server is that is to be emptied. */
  public synchronized DrainStatus drain(int server) {
    return drains.status(server);
  }

  /** Why a server cannot be forgotten, in words; empty when it can. */
  public String needs(int server) {
    return Needs.of(server, fleet, replicas, latest);
  }
}
