package dev.cairn.master.replica;

/** A property of a replica. */
public interface ReplicaTest {
  boolean holds(long chunk, int server);
}
