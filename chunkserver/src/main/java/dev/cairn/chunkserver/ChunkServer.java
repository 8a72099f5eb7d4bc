package dev.cairn.chunkserver;

import dev.cairn.chunkserver.data.DataPort;
import dev.cairn.chunkserver.heartbeat.Heartbeat;
import dev.cairn.chunkserver.heartbeat.Member;
import dev.cairn.chunkserver.scrub.ScrubCursor;
import dev.cairn.chunkserver.scrub.Scrubber;
import dev.cairn.chunkserver.scrub.Verifier;
import dev.cairn.chunkserver.store.LocalChunkStore;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.Version;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.metrics.HttpEndpoint;
import dev.cairn.rpc.wire.SocketTransport;
import dev.cairn.rpc.wire.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A running chunk server. */
public final class ChunkServer implements Closeable {

  private final LocalChunkStore store;
  private final DataPort port;
  private final Scrubber scrubber;
  private final Verifier verifier;
  private final Heartbeat heartbeat;
  private final HostPort address;

  private ChunkServer(
      LocalChunkStore store,
      DataPort port,
      Scrubber scrubber,
      Verifier verifier,
      Heartbeat heartbeat,
      HostPort address) {
    this.store = store;
    this.port = port;
    this.scrubber = scrubber;
    this.verifier = verifier;
    this.heartbeat = heartbeat;
    this.address = address;
  }

  /** Opens the store, listens, and begins to register. */
  public static ChunkServer start(ChunkServerSettings settings) throws IOException {
    return start(settings, Optional.empty());
  }

  /** The same; the endpoint tells of this server from now on. */
  public static ChunkServer start(ChunkServerSettings settings, Optional<HttpEndpoint> http)
      throws IOException {
    LocalChunkStore store = LocalChunkStore.open(settings.store());
    DataPort port = null;
    try {
      Transport transport = new SocketTransport();
      port =
          DataPort.open(
              store,
              transport,
              settings.listen(),
              store.identity()::clusterId,
              settings.dataPort());
      HostPort address = new HostPort(advertised(settings), port.port());
      String url = http.map(endpoint -> endpoint.url(address.host())).orElse("");
      Member member = new Member(address, newIncarnation(), settings.zone(), Version.number(), url);
      Scrubber scrubber =
          new Scrubber(
              store,
              new ScrubCursor(store.directories()),
              settings.scrub(),
              () -> TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()));
      Verifier verifier = new Verifier(store, settings.scrub().mostBytesPerSecond());
      Heartbeat heartbeat =
          new Heartbeat(
              settings.masters(),
              member,
              store,
              store.identity(),
              transport,
              port(port),
              scrubber,
              verifier);
      heartbeat.start();
      scrubber.start();
      verifier.start();
      ChunkServer server = new ChunkServer(store, port, scrubber, verifier, heartbeat, address);
      http.ifPresent(server::monitoredBy);
      return server;
    } catch (IOException | RuntimeException e) {
      if (port != null) {
        port.close();
      }
      store.close();
      throw e;
    }
  }

  /** Tells this process from any other that may serve the same directories, or copies of them. */
  private static long newIncarnation() {
    return new SecureRandom().nextLong() | 1;
  }

  private static Heartbeat.Port port(DataPort port) {
    return new Heartbeat.Port() {
      @Override
      public int openConnections() {
        return port.openConnections();
      }

      @Override
      public long clientBytes() {
        return port.clientBytes();
      }

      @Override
      public void drain(boolean draining) {
        port.drain(draining);
      }

      @Override
      public void withhold(String why) {
        port.withhold(why);
      }

      @Override
      public void serve() {
        port.serve();
      }
    };
  }

  /** Where listening is at all addresses, the one that packets to the master leave from. */
  private static String advertised(ChunkServerSettings settings) throws IOException {
    if (!settings.advertise().isEmpty()) {
      return settings.advertise();
    }
    InetAddress listen = settings.listen().resolve().getAddress();
    InetSocketAddress master = settings.masters().first().resolve();
    if (listen == null || !listen.isAnyLocalAddress() || master.isUnresolved()) {
      return settings.listen().host();
    }
    // Connecting a datagram socket sends nothing: it only asks the routing table.
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(master);
      return socket.getLocalAddress().getHostAddress();
    }
  }

  private void monitoredBy(HttpEndpoint endpoint) {
    endpoint.add(new ChunkServerMetrics(store, port, scrubber));
    endpoint.readiness(
        () -> heartbeat.joined().isDone() ? port.withheld() : "no master has registered it yet");
  }

  /** The data port's address as it is told to others. */
  public HostPort address() {
    return address;
  }

  /** Completes when the master has registered this server and heard of its chunks. */
  public CompletableFuture<Void> joined() {
    return heartbeat.joined();
  }

  /** Completes, with the reason, when the master refuses this server for good. */
  public CompletableFuture<CairnException> refused() {
    return heartbeat.refused();
  }

  /** Ends the conversations, forces what is in the store, and leaves. */
  @Override
  public void close() {
    heartbeat.close();
    scrubber.close();
    verifier.close();
    port.close();
    store.close();
  }
}
