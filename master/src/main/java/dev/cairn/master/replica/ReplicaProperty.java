package dev.cairn.master.replica;

/** A property of a replica. */
public interface ReplicaProperty {
  boolean holds(long chunk, int server);
}
