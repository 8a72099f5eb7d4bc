/**
 * The client: {@link dev.cairn.client.ClusterVfs} is a {@link dev.cairn.client.vfs.Vfs} over a
 * cluster.
 *
 * <p>Below it, from the wires up: {@code master} speaks to the master (calls, session), {@code
 * data} to the chunk servers (fetches, write streams, chunk grants), {@code buffer} lends the
 * memory that waits for either, {@code file} holds what an open file is made of, {@code directory}
 * what a listing is. {@code command} is the command line. No native code anywhere.
 */
package dev.cairn.client;
