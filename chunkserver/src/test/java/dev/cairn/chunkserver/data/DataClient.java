package dev.cairn.chunkserver.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import dev.cairn.rpc.HostPort;
import dev.cairn.rpc.checksum.Blocks;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.proto.Append;
import dev.cairn.rpc.proto.AppendPart;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.Failure;
import dev.cairn.rpc.proto.OpenChain;
import dev.cairn.rpc.proto.Read;
import dev.cairn.rpc.proto.ReadPart;
import dev.cairn.rpc.proto.ReadRange;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.proto.Sync;
import dev.cairn.rpc.wire.FrameChannel;
import dev.cairn.rpc.wire.SocketTransport;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The other side of a data port, one step at a time. */
final class DataClient implements Closeable {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final FrameChannel channel;

  DataClient(HostPort server) throws IOException {
    channel = new FrameChannel(new SocketTransport().connect(server, PATIENCE));
    channel.deadline(PATIENCE);
  }

  /** Opens a write stream through these servers and waits until the chain stands. */
  static DataClient stream(HostPort first, ServerAddress... behind) throws IOException {
    DataClient client = new DataClient(first);
    client.openChain(behind);
    DataHeader answer = client.receive();
    if (answer.hasFailure()) {
      client.close();
      throw CairnException.of(answer.getFailure());
    }
    assertEquals(0, answer.getAck().getSequence());
    return client;
  }

  void openChain(ServerAddress... behind) throws IOException {
    openChain(0, behind);
  }

  void openChain(int slack, ServerAddress... behind) throws IOException {
    OpenChain open =
        OpenChain.newBuilder().addAllDownstream(List.of(behind)).setSlack(slack).build();
    channel.send(DataHeader.newBuilder().setOpenChain(open).build());
  }

  static AppendPart part(long chunkId, long offset, byte[] bytes, boolean seal) {
    AppendPart.Builder part =
        AppendPart.newBuilder()
            .setChunkId(chunkId)
            .setOffset(offset)
            .setLength(bytes.length)
            .setSeal(seal);
    for (int sum : Blocks.checksums(offset, ByteBuffer.wrap(bytes))) {
      part.addChecksums(sum);
    }
    return part.build();
  }

  void send(long sequence, AppendPart part, byte[] bytes) throws IOException {
    send(sequence, List.of(part), bytes, false);
  }

  void send(long sequence, List<AppendPart> parts, byte[] bytes, boolean sync) throws IOException {
    Append append =
        Append.newBuilder().setSequence(sequence).addAllParts(parts).setSync(sync).build();
    channel.send(DataHeader.newBuilder().setAppend(append).build(), ByteBuffer.wrap(bytes));
  }

  DataHeader receive() throws IOException {
    DataHeader header = channel.receive();
    if (header == null) {
      throw new IOException("the server closed");
    }
    return header;
  }

  void awaitAck(long sequence) throws IOException {
    long acknowledged = 0;
    while (acknowledged < sequence) {
      DataHeader header = receive();
      if (header.hasFailure()) {
        throw CairnException.of(header.getFailure());
      }
      acknowledged = header.getAck().getSequence();
    }
    assertEquals(sequence, acknowledged);
  }

  /** The failure that comes next, acknowledgements passed over. */
  Failure awaitFailure() throws IOException {
    while (true) {
      DataHeader header = receive();
      if (header.hasFailure()) {
        return header.getFailure();
      }
    }
  }

  void sync(long sequence, Long... ids) throws IOException {
    Sync sync = Sync.newBuilder().setSequence(sequence).addAllChunkIds(List.of(ids)).build();
    channel.send(DataHeader.newBuilder().setSync(sync).build());
  }

  static ReadRange range(long chunkId, long offset, int length) {
    return ReadRange.newBuilder().setChunkId(chunkId).setOffset(offset).setLength(length).build();
  }

  record Answer(ReadPart part, ByteString bytes) {}

  /** Reads ranges; every block is compared with its checksum. */
  List<Answer> read(ReadRange... ranges) throws IOException {
    Read read = Read.newBuilder().addAllRanges(List.of(ranges)).build();
    channel.send(DataHeader.newBuilder().setRead(read).build());
    DataHeader header = receive();
    if (header.hasFailure()) {
      throw CairnException.of(header.getFailure());
    }
    List<Answer> answers = new ArrayList<>();
    for (ReadPart part : header.getReadReply().getPartsList()) {
      ByteBuffer bytes = ByteBuffer.allocate(part.getLength());
      channel.readPayload(bytes);
      bytes.flip();
      int[] sums = Blocks.checksums(part.getOffset(), bytes);
      assertEquals(part.getChecksumsCount(), sums.length);
      for (int i = 0; i < sums.length; i++) {
        assertEquals(part.getChecksums(i), sums[i]);
      }
      answers.add(new Answer(part, ByteString.copyFrom(bytes)));
    }
    assertEquals(0, channel.payloadRemaining());
    return answers;
  }

  /** The bytes of exactly the range. */
  byte[] readBytes(long chunkId, long offset, int length) throws IOException {
    Answer answer = read(range(chunkId, offset, length)).get(0);
    if (answer.part().hasFailure()) {
      throw CairnException.of(answer.part().getFailure());
    }
    int from = (int) (offset - answer.part().getOffset());
    return answer.bytes().substring(from, from + length).toByteArray();
  }

  @Override
  public void close() {
    channel.close();
  }
}
