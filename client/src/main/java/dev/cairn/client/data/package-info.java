/**
 * The client's side of the data port.
 *
 * <p>Reading: {@link dev.cairn.client.data.ChunkFetcher} gets ranges of chunks from whichever
 * replica is well, verifies every block, and tells the master of replicas that are not.
 *
 * <p>Writing: {@link dev.cairn.client.data.ChunkGrants} has chunk ids and chains of servers at
 * hand, {@link dev.cairn.client.data.WriteStream} is a connection to the first server of a chain,
 * used by one thread at a time, for any number of chunks one after the other.
 *
 * <p>{@link dev.cairn.client.data.ServerTable} knows the servers' addresses and which of them
 * failed just now: those are asked last and not written to, so that a dead server costs its
 * time-out once and not for every request.
 *
 * <p>Everything here blocks, for bounded times, and runs on data threads only.
 */
package dev.cairn.client.data;
