/**
 * The chunk server's life in its cluster, as the master sees it.
 *
 * <pre>
 *              +------------- register again ------------+
 *              v                                         |
 *   away -> register -> report chunks -> heartbeat ... heartbeat
 *     ^        |             |              |
 *     +--------+-------------+--------------+  the master does not answer: back off, for ever
 * </pre>
 *
 * <p>One thread goes through these states and does nothing that may take long, since the master
 * takes a silent server for dead: what is to be deleted is handed to other threads. A server that
 * registers first drops what it was told to delete on a condition. {@link
 * dev.cairn.chunkserver.heartbeat.MasterLink} is the adapter to gRPC; nothing else here knows of
 * it.
 *
 * <p>A server belongs to one cluster for good. When the master is of another one, the heart stops
 * and the process is told why: serving the data of one cluster to another would be worse than not
 * serving.
 */
package dev.cairn.chunkserver.heartbeat;
