package dev.cairn.master.repair;

import dev.cairn.master.fleet.BadReplicas;
import dev.cairn.master.fleet.Candidate;
import dev.cairn.master.fleet.ChunkLocations;
import dev.cairn.master.fleet.Fleet;
import dev.cairn.master.fleet.Replicas;
import dev.cairn.master.repair.OrderBook.Order;
import dev.cairn.master.state.ChunkRow;
import dev.cairn.master.state.MetadataView;
import dev.cairn.master.time.Time;
import dev.cairn.rpc.proto.ChunkCopy;
import dev.cairn.rpc.proto.CopyOrder;
import dev.cairn.rpc.proto.CopyResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Finds out which replicas are missing, and has them made. */
public final class Repairs {

  /** For people: copies under way, and why some are not; empty when there is no reason. */
  public record Progress(int copiesUnderWay, String waits) {}

  private static final Duration LONGEST_AWAITED = Duration.ofSeconds(60);
  private static final long SURVEY_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long CALM_SURVEY_NANOS = Duration.ofSeconds(10).toNanos();
  private static final int SLOTS_AT_A_TIME = 1 << 16;
  private static final int MOST_TRIED_AT_ONCE = 1 << 14;
  private static final int MOST_SPARES = 1 << 13;
  private static final long SILENT_MILLIS = 3000;
  private static final int ORDERED_SECONDS = 2;

  private final RepairSettings settings;
  private final Fleet fleet;
  private final ChunkLocations locations;
  private final Replicas replicas;
  private final BadReplicas bad;
  private final MetadataView latest;
  private final Time time;
  private final RandomGenerator random;
  private final RepairLog log;
  private final OrderBook book = new OrderBook();
  // The server each of these chunks has a replica too many on, until it is gone from there.
  private final Map<Long, Integer> spares = new HashMap<>();
  private Shortages shortages = new Shortages(0);
  private long surveyedTicks;
  private long surveyedChanges = -1;
  private boolean awaiting;

  public Repairs(
      RepairSettings settings,
      Fleet fleet,
      ChunkLocations locations,
      Replicas replicas,
      BadReplicas bad,
      MetadataView latest,
      Time time,
      RandomGenerator random) {
    this.settings = settings;
    this.fleet = fleet;
    this.locations = locations;
    this.replicas = replicas;
    this.bad = bad;
    this.latest = latest;
    this.time = time;
    this.random = random;
    this.log = new RepairLog(fleet, bad);
  }

  public RepairSettings settings() {
    return settings;
  }

  /** Looks for what is missing, if it is time to. */
  public void survey() {
    long now = time.ticks();
    long changes = locations.losses() + fleet.changes() + bad.changes();
    if (!isDue(now, changes)) {
      return;
    }
    boolean mustWait = fleet.awaitsReports(LONGEST_AWAITED, now);
    Shortages found = new Shortages(places(now));
    for (int slot = mustWait ? 0 : surveyFrom(0, found); slot != 0; ) {
      slot = surveyFrom(slot, found);
    }
    synchronized (this) {
      awaiting = mustWait;
      surveyedTicks = now;
      surveyedChanges = mustWait ? -1 : changes;
      shortages = found;
      forgetTheDead();
      refill();
      chooseSpares(found.surplus());
      if (!mustWait) {
        log.surveyed(found.repairs(), book.size(), now);
      }
    }
  }

  private int surveyFrom(int slot, Shortages found) {
    return locations.survey(slot, SLOTS_AT_A_TIME, this::count, found);
  }

  private synchronized boolean isDue(long now, long changes) {
    boolean busy =
        changes != surveyedChanges
            || book.size() > 0
            || !spares.isEmpty()
            || shortages.repairs() > 0;
    return now - surveyedTicks >= (busy ? SURVEY_NANOS : CALM_SURVEY_NANOS);
  }

  private int count(long chunk, int server) {
    return replicas.isGood(chunk, server) ? ChunkLocations.STAYING : 0;
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
      if (server.silentMillis() <= SILENT_MILLIS) {
        sites.add(new Site(server, mostBytes, book.bytesTo(id), book.countTo(id)));
      }
    }
    return sites;
  }

  /** Orders what is queued, the most urgent first, as far as servers may get orders. */
  private void refill() {
    List<Site> sites = sites(time.ticks());
    int tried = 0;
    for (int level = 0; level < Urgency.LEVELS; level++) {
      ChunkQueue queue = shortages.queue(level);
      ChunkQueue later = new ChunkQueue();
      while (!queue.isEmpty() && tried < MOST_TRIED_AT_ONCE && hasIdle(sites)) {
        tried++;
        long chunk = queue.take();
        if (order(chunk, sites) == CopyTarget.Outcome.LATER) {
          later.add(chunk);
        }
      }
      while (!later.isEmpty()) {
        queue.add(later.take());
      }
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
    ChunkRow row = book.has(chunk) ? null : latest.chunk(chunk);
    if (row == null) {
      return CopyTarget.Outcome.NOWHERE;
    }
    Set<Integer> holders = new HashSet<>();
    Set<String> zones = new HashSet<>();
    List<Integer> sources = new ArrayList<>();
    int staying = 0;
    for (int server : locations.servers(chunk)) {
      holders.add(server);
      int counts = count(chunk, server);
      if (counts != 0) {
        sources.add(server);
      }
      if (counts == ChunkLocations.STAYING) {
        staying++;
        zones.add(fleet.zone(server));
      }
    }
    if (sources.isEmpty() || staying >= row.replicas()) {
      return CopyTarget.Outcome.NOWHERE;
    }
    CopyTarget.Choice choice = CopyTarget.choose(sites, holders, zones, row.length(), random);
    if (choice.site() != null) {
      sources.sort(Comparator.comparingLong(book::bytesFrom));
      choice.site().ordered(row.length());
      book.add(new Order(chunk, row.length(), choice.site().id(), List.copyOf(sources)));
    }
    return choice.outcome();
  }

  private void chooseSpares(ChunkQueue surplus) {
    spares.entrySet().removeIf(e -> !locations.holds(e.getKey(), e.getValue()));
    List<Candidate> prompt = prompt();
    while (!surplus.isEmpty() && spares.size() < MOST_SPARES) {
      long chunk = surplus.take();
      List<Candidate> holders = goodHolders(chunk, prompt);
      if (!holders.isEmpty() && !spares.containsKey(chunk)) {
        int server = Spare.choose(holders);
        if (isSpare(chunk, server, prompt)) {
          spares.put(chunk, server);
        }
      }
    }
  }

  private List<Candidate> prompt() {
    List<Candidate> prompt = new ArrayList<>(fleet.candidates(time.ticks()));
    prompt.removeIf(server -> server.silentMillis() > SILENT_MILLIS);
    return prompt;
  }

  private List<Candidate> goodHolders(long chunk, List<Candidate> prompt) {
    List<Candidate> holders = new ArrayList<>();
    int[] servers = locations.servers(chunk);
    for (Candidate server : prompt) {
      for (int holder : servers) {
        if (holder == server.server() && replicas.isGood(chunk, holder)) {
          holders.add(server);
        }
      }
    }
    return holders;
  }

  /** Whether the chunk has all the good replicas it should have without that server's. */
  private boolean isSpare(long chunk, int server, List<Candidate> prompt) {
    ChunkRow row = book.has(chunk) ? null : latest.chunk(chunk);
    if (row == null || !row.sealed()) {
      return false;
    }
    List<Candidate> others = goodHolders(chunk, prompt);
    others.removeIf(holder -> holder.server() == server);
    return others.size() >= row.replicas();
  }

  /**
   * Replicas the server shall delete: those that are too many, and bad ones that others stand in
   * for. Looked at anew each time, since a server may have died in between.
   */
  public synchronized List<Long> removals(int server) {
    List<Candidate> prompt = prompt();
    List<Long> chunks = new ArrayList<>();
    spares
        .entrySet()
        .removeIf(
            e ->
                e.getValue() == server
                    && !(locations.holds(e.getKey(), server)
                        && isSpare(e.getKey(), server, prompt)));
    spares.forEach(
        (chunk, at) -> {
          if (at == server) {
            chunks.add(chunk);
          }
        });
    for (long chunk : bad.on(server, MOST_SPARES)) {
      if (isSpare(chunk, server, prompt)) {
        chunks.add(chunk);
      }
    }
    return chunks;
  }

  /** Copies of a server have ended: those that worked out are counted already. */
  public synchronized void ended(int server, List<CopyResult> results) {
    for (CopyResult result : results) {
      boolean known = book.remove(server, result.getChunkId()) != null;
      if (result.getLength() > 0 && known) {
        log.copied(result.getLength());
      } else if (result.getLength() == 0) {
        log.failed(server, result);
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
          .addChunks(ChunkCopy.newBuilder().setChunkId(order.chunk()).setLength(order.length()));
    }
    return bySources.values().stream().map(CopyOrder.Builder::build).toList();
  }

  private CopyOrder.Builder from(List<Integer> sources) {
    return CopyOrder.newBuilder().addAllSources(fleet.addresses(sources));
  }

  public synchronized Progress progress() {
    return new Progress(book.size(), waits());
  }

  private String waits() {
    if (awaiting) {
      return "chunk servers have yet to say which chunks they hold";
    }
    int places = sites(time.ticks()).size();
    return shortages.stuck() == 0
        ? ""
        : shortages.stuck()
            + " chunks have a replica on each chunk server there is for them ("
            + places
            + "): start more";
  }
}
