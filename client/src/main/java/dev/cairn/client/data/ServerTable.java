package dev.cairn.client.data;

import dev.cairn.client.Waits;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ServerAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The chunk servers this client has heard of: where they are, and which of them failed lately. */
public final class ServerTable {

  private static final Logger LOG = LoggerFactory.getLogger(ServerTable.class);

  /**
   * For so long a server that failed is not written to, and read from only where nobody else can.
   */
  static final Duration SUSPICION = Duration.ofSeconds(5);

  private final Map<Integer, HostPort> addresses = new ConcurrentHashMap<>();
  private final Map<Integer, Long> suspectUntilNanos = new ConcurrentHashMap<>();
  private final LongSupplier nanoTime;
  private final Waits waits;

  public ServerTable(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.waits = new Waits(LOG::warn, nanoTime);
  }

  public void learn(Collection<ServerAddress> servers) {
    for (ServerAddress server : servers) {
      addresses.put(server.getServerId(), HostPort.of(server));
    }
  }

  /** Where the server is; {@code UNREACHABLE} for one never heard of. */
  public HostPort addressOf(int serverId) throws CairnException {
    HostPort address = addresses.get(serverId);
    if (address == null) {
      throw ErrorCode.UNREACHABLE.because(
          "the address of chunk server " + serverId + " is unknown");
    }
    return address;
  }

  /** How messages name a server. */
  public String name(int serverId) {
    HostPort address = addresses.get(serverId);
    return "chunk server " + serverId + (address == null ? "" : " at " + address);
  }

  /** The server did not do what it was asked. */
  public void failed(int serverId, String reason) {
    long until = nanoTime.getAsLong() + SUSPICION.toNanos();
    Long before = suspectUntilNanos.put(serverId, until);
    if (before == null) {
      LOG.warn("{} failed and is avoided: {}", name(serverId), reason);
    }
  }

  /** The server did what it was asked. */
  public void worked(int serverId) {
    if (!suspectUntilNanos.isEmpty() && suspectUntilNanos.remove(serverId) != null) {
      LOG.info("{} works again", name(serverId));
    }
  }

  /** The server failed, and has not worked since, however long ago that was. */
  boolean isDoubtful(int serverId) {
    return suspectUntilNanos.containsKey(serverId);
  }

  /**
   * Somebody waits for chunk servers, or waits still: the log says so.
   *
   * @param who tells this wait from others
   * @param failure of the last attempt
   * @param waited how long it has waited so far
   * @param patience how long the wait may take
   */
  public void awaited(Object who, CairnException failure, Duration waited, Duration patience) {
    waits.waits(who, () -> "chunk servers: " + whichFail(failure), waited, patience);
  }

  private String whichFail(CairnException failure) {
    if (suspectUntilNanos.isEmpty()) {
      return failure.getMessage();
    }
    String numbers =
        suspectUntilNanos.keySet().stream()
            .sorted()
            .map(String::valueOf)
            .collect(Collectors.joining(", "));
    return numbers + (suspectUntilNanos.size() == 1 ? " does" : " do") + " not answer";
  }

  /** That wait is over, however it ended. */
  public void goesOn(Object who) {
    waits.over(who);
  }

  boolean isSuspect(int serverId) {
    Long until = suspectUntilNanos.get(serverId);
    return until != null && until - nanoTime.getAsLong() > 0;
  }

  Set<Integer> suspects() {
    Set<Integer> suspects = new HashSet<>();
    for (Integer serverId : suspectUntilNanos.keySet()) {
      if (isSuspect(serverId)) {
        suspects.add(serverId);
      }
    }
    return suspects;
  }
}
