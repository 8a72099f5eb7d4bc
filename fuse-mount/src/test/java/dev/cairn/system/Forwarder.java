package dev.cairn.system;

import dev.cairn.rpc.HostPort;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A port that passes connections on to a server, until it is told to lose something. */
final class Forwarder implements Closeable {

  private static final int BUFFER_BYTES = 1 << 16;

  private final HostPort server;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean answersLost;
  private volatile boolean cut;

  Forwarder(HostPort server) throws IOException {
    this.server = server;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  HostPort address() {
    return new HostPort("127.0.0.1", listener.getLocalPort());
  }

  /** From now on the server hears what is sent, and what it answers is lost. */
  void loseAnswers() {
    answersLost = true;
  }

  /** Closes all connections, and every new one at once. */
  void cut() {
    cut = true;
    sockets.forEach(Forwarder::close);
  }

  /** New connections are passed on, both ways. */
  void heal() {
    answersLost = false;
    cut = false;
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "forwarder");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        if (cut) {
          close(client);
          continue;
        }
        Socket connected = new Socket(server.host(), server.port());
        sockets.add(client);
        sockets.add(connected);
        start(() -> pass(client, connected, false));
        start(() -> pass(connected, client, true));
      }
    } catch (IOException closed) {
      sockets.forEach(Forwarder::close);
    }
  }

  private void pass(Socket from, Socket to, boolean answers) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        if (!answers || !answersLost) {
          out.write(buffer, 0, length);
        }
      }
    } catch (IOException ended) {
      // So has the other direction, whose stream is closed here.
    }
    sockets.remove(from);
  }

  private static void close(Closeable socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    close(listener);
  }
}
