package dev.cairn.rpc.wire;

import dev.cairn.rpc.HostPort;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/** Makes connections: the seam for encryption, and for faults in tests. */
public interface Transport {

  /** Connects within the timeout, or fails with {@code UNREACHABLE} or {@code TIMED_OUT}. */
  Connection connect(HostPort to, Duration timeout) throws IOException;

  Listener listen(HostPort at) throws IOException;

  /** Accepts connections at an address until it is closed. */
  interface Listener extends Closeable {
    /** Waits for the next connection; fails once the listener is closed. */
    Connection accept() throws IOException;

    int port();

    @Override
    void close();
  }
}
