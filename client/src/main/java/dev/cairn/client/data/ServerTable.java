package dev.cairn.client.data;

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

  public ServerTable(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
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
