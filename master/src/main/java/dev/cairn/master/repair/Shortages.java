package dev.cairn.master.repair;

import dev.cairn.master.replica.ReplicaMap;

/** What a survey found: the chunks that need replicas, by urgency. For one thread at a time. */
final class Shortages implements ReplicaMap.Survey {

  private final ChunkQueue[] queues = new ChunkQueue[Urgency.LEVELS];
  private final ChunkQueue surplus = new ChunkQueue();
  private final int places;
  private final Leaving leavers;
  private final ReplicaMap replicas;
  private long repairs;
  private long moves;
  private final Absence absence;
  private long stuck;
  private long awaited;

  /**
   * @param places servers that may get replicas
   * @param leavers counts what servers to be emptied are needed for
   * @param absence whose replicas are waited for
   */
  Shortages(int places, Leaving leavers, Absence absence, ReplicaMap replicas) {
    this.places = places;
    this.leavers = leavers;
    this.absence = absence;
    this.replicas = replicas;
    for (int level = 0; level < queues.length; level++) {
      queues[level] = new ChunkQueue();
    }
  }

  @Override
  public void chunk(long chunk, int wanted, int good, int leaving) {
    if (!leavers.isEmpty() && good - leaving < wanted && (leaving > 0 || good == 0)) {
      boolean nowhere = good > 0 && good - leaving >= places;
      leavers.add(chunk, replicas.holders(chunk), good > 0, nowhere);
    }
    int level = Urgency.of(wanted, good, leaving);
    if (level == Urgency.NONE) {
      if (wanted > 0 && good - leaving > wanted) {
        surplus.add(chunk);
      }
      return;
    }
    if (good < wanted && good + absence.replicas(chunk) >= wanted) {
      awaited++;
      return;
    }
    if (good - leaving >= places) {
      stuck++;
    } else {
      repairs += Urgency.isRepair(level) ? 1 : 0;
      moves += Urgency.isRepair(level) ? 0 : 1;
      queues[level].add(chunk);
    }
  }

  ChunkQueue queue(int level) {
    return queues[level];
  }

  /** Chunks with more good replicas than they should have. */
  ChunkQueue surplus() {
    return surplus;
  }

  /** Chunks with fewer good replicas than they should have, and a server for another one. */
  long repairs() {
    return repairs;
  }

  /** Chunks with replicas on servers that are to be emptied, and a server to move them to. */
  long moves() {
    return moves;
  }

  /** Whether every chunk has the replicas it should have, where they should be. */
  boolean isEmpty() {
    return repairs == 0 && moves == 0 && stuck == 0 && awaited == 0;
  }

  /** Chunks that lack only replicas on servers in maintenance, which are waited for. */
  long awaited() {
    return awaited;
  }

  /** Chunks whose replicas are on all servers there are for them, and are too few. */
  long stuck() {
    return stuck;
  }
}
