package dev.cairn.chunkserver.data;

import dev.cairn.chunkserver.store.ChunkStore;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import dev.cairn.rpc.wire.Transport;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * What the conversations of a port share.
 *
 * @param clusterId of the cluster the chunks belong to; empty while there is none
 * @param draining clients' bytes are refused
 * @param clientBytes read and written for clients so far
 */
record PortContext(
    ChunkStore store,
    Transport transport,
    BufferPool buffers,
    Executor threads,
    DataPortSettings settings,
    RareLog log,
    Supplier<String> clusterId,
    AtomicBoolean draining,
    LongAdder clientBytes,
    PortMeter meter) {

  /**
   * Refuses those who mean chunks of another cluster.
   *
   * @throws CairnException {@code OTHER_CLUSTER}
   */
  void checkCluster(String meant) throws CairnException {
    String own = clusterId.get();
    if (!meant.isEmpty() && !own.isEmpty() && !meant.equals(own)) {
      throw ErrorCode.OTHER_CLUSTER.because(
          "the chunk server belongs to cluster " + own + ", and not to " + meant);
    }
  }
}
