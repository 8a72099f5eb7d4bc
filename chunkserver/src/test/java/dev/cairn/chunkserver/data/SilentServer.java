package dev.cairn.chunkserver.data;

import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.proto.Ack;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.wire.Connection;
import dev.cairn.rpc.wire.FrameChannel;
import dev.cairn.rpc.wire.SocketTransport;
import dev.cairn.rpc.wire.Transport;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A server that lets a chain stand and then reads what comes, or not even that, and says nothing.
 */
final class SilentServer implements Closeable {

  private final Transport.Listener listener;
  private final Thread thread = new Thread(this::run, "silent-server");
  private final boolean reading;
  private volatile Connection accepted;

  SilentServer(boolean reading) throws IOException {
    this.reading = reading;
    listener = new SocketTransport().listen(new HostPort("127.0.0.1", 0));
    thread.start();
  }

  ServerAddress asServer(int id) {
    return ServerAddress.newBuilder()
        .setServerId(id)
        .setHost("127.0.0.1")
        .setPort(listener.port())
        .build();
  }

  private void run() {
    try {
      accepted = listener.accept();
      FrameChannel channel = new FrameChannel(accepted);
      channel.receive();
      channel.send(DataHeader.newBuilder().setAck(Ack.getDefaultInstance()).build());
      ByteBuffer waste = ByteBuffer.allocate(100_000);
      while (reading && accepted.read(waste.clear()) >= 0) {
        waste.clear();
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  @Override
  public void close() {
    listener.close();
    if (accepted != null) {
      accepted.close();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
