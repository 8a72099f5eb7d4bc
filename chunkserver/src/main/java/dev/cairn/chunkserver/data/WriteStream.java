package dev.cairn.chunkserver.data;

import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.chunkserver.store.Part;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.metrics.Operation;
import dev.cairn.rpc.proto.Append;
import dev.cairn.rpc.proto.AppendPart;
import dev.cairn.rpc.proto.DataHeader;
import dev.cairn.rpc.proto.Failure;
import dev.cairn.rpc.proto.OpenChain;
import dev.cairn.rpc.proto.ServerAddress;
import dev.cairn.rpc.wire.FrameChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Appends from one connection, written here and sent on to the rest of the chain. */
final class WriteStream implements Downstream.Listener {

  private static final ByteBuffer EMPTY = ByteBuffer.allocateDirect(0);

  private final FrameChannel upstream;
  private final PortContext context;
  private final Acknowledgements acknowledgements;
  private final List<ServerAddress> chain;
  private final String clusterId;
  private Downstream downstream;
  private final int slack;
  private long lastSequence;

  /** Of the append that is taken: the number of the error, if there is one. */
  private int result;

  WriteStream(FrameChannel upstream, PortContext context, OpenChain open) {
    this.upstream = upstream;
    this.context = context;
    this.chain = open.getDownstreamList();
    this.clusterId = open.getClusterId();
    this.slack = open.getSlack();
    this.acknowledgements =
        new Acknowledgements(upstream, context.settings().linger(), chain.isEmpty());
  }

  /** Serves the stream; false when it failed and the other side has been told. */
  boolean serve() throws IOException {
    try {
      if (!stand()) {
        return false;
      }
      acknowledgements.ready();
      while (true) {
        upstream.deadline(context.settings().idle());
        if (acknowledgements.isFailed()) {
          return false;
        }
        DataHeader header = upstream.receive(context.settings().header());
        if (header == null) {
          return true;
        }
        upstream.deadline(context.settings().frame());
        if (acknowledgements.isFailed() || !take(header)) {
          return false;
        }
      }
    } finally {
      if (downstream != null) {
        downstream.close();
      }
    }
  }

  private boolean stand() throws IOException {
    try {
      context.checkCluster(clusterId);
    } catch (CairnException e) {
      acknowledgements.fail(e.toFailure());
      return false;
    }
    if (chain.isEmpty()) {
      return true;
    }
    try {
      downstream =
          Downstream.open(context.transport(), chain, clusterId, context.settings(), slack);
    } catch (ChainBroken e) {
      acknowledgements.fail(e.failure());
      return false;
    }
    context.threads().execute(this::listen);
    return true;
  }

  private void listen() {
    try {
      downstream.listen(this);
    } catch (IOException e) {
      // The client is gone: its own thread sees that too, and ends the stream.
      upstream.close();
    }
  }

  @Override
  public void acknowledged(long sequence) throws IOException {
    acknowledgements.behind(sequence);
  }

  @Override
  public void broken(Failure failure) throws IOException {
    acknowledgements.fail(failure);
  }

  private boolean take(DataHeader header) throws IOException {
    if (!header.hasAppend()) {
      throw ErrorCode.PROTOCOL.because(
          upstream.peer() + " sent " + header.getKindCase() + " on a write stream");
    }
    Operation append = context.meter().append();
    long began = append.begin();
    result = ErrorCode.IO.number();
    try {
      return takeAppend(header);
    } finally {
      append.ended(began, result);
    }
  }

  private boolean takeAppend(DataHeader header) throws IOException {
    List<Part> parts = parts(header.getAppend());
    int bytes = upstream.payloadRemaining();
    if (bytes == 0) {
      return pass(header, parts, EMPTY);
    }
    try (BufferPool.Lent buffer = context.buffers().take(bytes, chain.size())) {
      upstream.readPayload(buffer.bytes());
      return pass(header, parts, buffer.bytes().flip());
    }
  }

  private List<Part> parts(Append append) throws CairnException {
    if (append.getSequence() <= lastSequence) {
      throw ErrorCode.PROTOCOL.because(
          upstream.peer()
              + " numbers its appends "
              + append.getSequence()
              + " after "
              + lastSequence);
    }
    lastSequence = append.getSequence();
    List<Part> parts = new ArrayList<>(append.getPartsCount());
    long total = 0;
    for (AppendPart wire : append.getPartsList()) {
      Part part = Part.of(wire);
      parts.add(part);
      total += part.length();
    }
    if (total != upstream.payloadRemaining()) {
      throw ErrorCode.PROTOCOL.because(
          upstream.peer()
              + " sent "
              + upstream.payloadRemaining()
              + " bytes for appends of "
              + total);
    }
    return parts;
  }

  /** Sends an append on and writes it here; false when that failed and was told. */
  private boolean pass(DataHeader header, List<Part> parts, ByteBuffer bytes) throws IOException {
    if (downstream != null) {
      try {
        downstream.send(header, bytes.duplicate());
      } catch (IOException e) {
        downstream.awaitReason();
        Failure failure = downstream.failureOf(e);
        result = failure.getCode();
        acknowledgements.fail(failure);
        return false;
      }
    }
    long sequence = header.getAppend().getSequence();
    try {
      write(header.getAppend(), parts, bytes);
      result = Operation.OK;
    } catch (CairnException e) {
      result = e.code().number();
      acknowledgements.fail(e.toFailure().toBuilder().setSequence(sequence).build());
      return false;
    }
    acknowledgements.local(sequence);
    return true;
  }

  private void write(Append append, List<Part> parts, ByteBuffer bytes) throws CairnException {
    if (context.draining().get()) {
      throw ErrorCode.STOPPING.because("the chunk server is being drained");
    }
    ChunkStore store = context.store();
    context.clientBytes().add(bytes.remaining());
    context.meter().appendedBytes().add(bytes.remaining());
    store.append(parts, bytes);
    if (append.getSync()) {
      List<Long> ids = new ArrayList<>(parts.size());
      for (Part part : parts) {
        ids.add(part.chunkId());
      }
      store.sync(ids);
    }
  }

  /** Ends the stream for a reason that is not an append's. */
  void fail(Failure failure) throws IOException {
    acknowledgements.fail(failure);
  }
}
