package dev.cairn.master.upkeep;

import dev.cairn.master.replica.ReplicaMap;
import dev.cairn.rpc.SizeInBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once when where chunks are takes so much of the heap that it should be made larger: what is
 * kept of each chunk is all of the heap that grows with the cluster.
 */
public final class HeapWatch {

  private static final Logger log = LoggerFactory.getLogger(HeapWatch.class);

  private final ReplicaMap replicas;
  private final long heapBytes;
  private boolean said;

  /**
   * @param heapBytes the most the heap may become
   */
  public HeapWatch(ReplicaMap replicas, long heapBytes) {
    this.replicas = replicas;
    this.heapBytes = heapBytes;
  }

  void look() {
    if (!said && isTight()) {
      said = true;
      log.warn(
          "where {} chunks are takes {} of a heap of {} at most: restart the master with a larger"
              + " one (CAIRN_JAVA_OPTS=-Xmx...) before there are half as many"
              + " again",
          replicas.chunks(),
          SizeInBytes.show(replicas.bytes()),
          SizeInBytes.show(heapBytes));
    }
  }

  /** The tables grow by half at a time: after this time there may be no room for another. */
  boolean isTight() {
    return replicas.bytes() > heapBytes / 5 * 2;
  }
}
