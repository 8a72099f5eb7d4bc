package dev.cairn.chunkserver.copy;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.proto.ReadRange;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.wire.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** The servers a worker reads from, no faster than the throttle lets it. For one thread. */
final class Sources implements Closeable {

  private final Transport transport;
  private final Supplier<String> clusterId;
  private final Throttle throttle;
  private final Map<HostPort, Source> open = new HashMap<>();
  private volatile boolean stopped;

  Sources(Transport transport, Supplier<String> clusterId, Throttle throttle) {
    this.transport = transport;
    this.clusterId = clusterId;
    this.throttle = throttle;
  }

  /** Reads into the buffer; a connection that fails is not used again. */
  List<Source.Piece> read(ServerAddress from, List<ReadRange> ranges, ByteBuffer into)
      throws CairnException {
    long bytes = 0;
    for (ReadRange range : ranges) {
      bytes += range.getLength();
    }
    pause(throttle.reserve(bytes));
    HostPort address = HostPort.of(from);
    try {
      return source(address).read(ranges, into);
    } catch (IOException e) {
      drop(address);
      throw e instanceof CairnException own
          ? own
          : ErrorCode.UNREACHABLE.because(address + " cannot be copied from: " + e.getMessage(), e);
    }
  }

  private void pause(long nanos) throws CairnException {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0 && !stopped; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
    if (stopped) {
      throw ErrorCode.STOPPING.because("the chunk server is stopping");
    }
  }

  private Source source(HostPort address) throws IOException {
    synchronized (open) {
      Source known = open.get(address);
      if (known != null) {
        return known;
      }
    }
    Source fresh = Source.connect(transport, address, clusterId.get());
    synchronized (open) {
      open.put(address, fresh);
    }
    return fresh;
  }

  private void drop(HostPort address) {
    synchronized (open) {
      Source broken = open.remove(address);
      if (broken != null) {
        broken.close();
      }
    }
  }

  /** Ends what is under way, from any thread. */
  void stop() {
    stopped = true;
    close();
  }

  @Override
  public void close() {
    synchronized (open) {
      open.values().forEach(Source::close);
      open.clear();
    }
  }
}
