package dev.cairn.chunkserver.heartbeat;

import dev.cairn.chunkserver.copy.Copies;
import dev.cairn.chunkserver.scrub.Scrubber;
import dev.cairn.chunkserver.scrub.Verifier;
import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.chunkserver.store.ServerIdentity;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Masters;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.CopyResult;
import dev.cairn.rpc.wire.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps this server registered at all masters, and does what the leading one says. */
public final class Heartbeat implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

  /** The data port, as the heartbeat looks at it. */
  public interface Port {
    int openConnections();

    /** Bytes read and written for clients so far. */
    long clientBytes();

    /** Clients' bytes are to be refused, or no longer. */
    void drain(boolean draining);

    /** Nothing is to be served until {@link #serve}, for the reason in that sentence. */
    void withhold(String why);

    /** Everything is to be served. */
    void serve();
  }

  /**
   * What the conversations with all masters share.
   *
   * @param masters takes the list of masters that one of them says
   */
  record Server(
      Member member,
      ChunkStore store,
      ServerIdentity identity,
      Copies copies,
      Port port,
      Scrubber scrubber,
      Verifier verifier,
      CompletableFuture<Void> joined,
      CompletableFuture<CairnException> refused,
      Consumer<List<String>> masters) {

    /** The server belongs to that cluster from now on. */
    void join(String cluster) throws IOException {
      synchronized (identity) {
        identity.join(cluster);
      }
    }
  }

  private final Server server;
  private final Orders orders;
  private final CompletableFuture<Void> joined = new CompletableFuture<>();
  private final CompletableFuture<CairnException> refused = new CompletableFuture<>();

  /** Guarded by this, as all below. */
  private final Map<HostPort, MasterBeat> masters = new LinkedHashMap<>();

  private boolean started;
  private boolean closed;

  /**
   * @param transport for copies from other servers
   * @param port is told whether to take clients' bytes; stays the caller's
   * @param scrubber is told what the master asks for; stays the caller's, as does the verifier
   */
  public Heartbeat(
      Masters masters,
      Member member,
      ChunkStore store,
      ServerIdentity identity,
      Transport transport,
      Port port,
      Scrubber scrubber,
      Verifier verifier) {
    Copies copies =
        new Copies(store, transport, identity::clusterId, port::clientBytes, this::copied);
    this.server =
        new Server(
            member,
            store,
            identity,
            copies,
            port,
            scrubber,
            verifier,
            joined,
            refused,
            this::members);
    this.orders =
        new Orders(
            masters,
            store,
            new Deletions("chunk-deletions", store::delete),
            new Deletions("chunk-quarantine", store::quarantine),
            copies,
            verifier,
            scrubber,
            port);
    masters.addresses().forEach(this::add);
    store.findings().whenLost(this::lost);
  }

  private void add(HostPort master) {
    masters.put(master, new MasterBeat(master, server, orders));
  }

  public synchronized void start() {
    started = true;
    orders.start();
    masters.values().forEach(MasterBeat::start);
  }

  /** Completes when the leader has registered this server and heard of its chunks. */
  public CompletableFuture<Void> joined() {
    return joined;
  }

  /** Completes when a master does not want this server, which is final. */
  public CompletableFuture<CairnException> refused() {
    return refused;
  }

  private synchronized void lost(long chunkId) {
    masters.values().forEach(master -> master.lost(chunkId));
  }

  private synchronized void copied(CopyResult result) {
    masters.values().forEach(master -> master.copied(result));
  }

  private synchronized void members(List<String> addresses) {
    if (addresses.isEmpty() || closed) {
      return;
    }
    Masters now;
    try {
      now = Masters.of(addresses);
    } catch (IllegalArgumentException e) {
      LOG.warn("a master says who the masters are, and that is no list: {}", e.getMessage());
      return;
    }
    if (masters.keySet().equals(new HashSet<>(now.addresses()))) {
      return;
    }
    LOG.info("the masters are {} now", now);
    orders.members(now);
    for (HostPort gone : List.copyOf(masters.keySet())) {
      if (!now.addresses().contains(gone)) {
        masters.remove(gone).stop();
      }
    }
    for (HostPort address : now.addresses()) {
      if (!masters.containsKey(address)) {
        add(address);
        if (started) {
          masters.get(address).start();
        }
      }
    }
  }

  @Override
  public void close() {
    List<MasterBeat> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(masters.values());
    }
    all.forEach(MasterBeat::stop);
    all.forEach(MasterBeat::close);
    orders.close();
  }
}
