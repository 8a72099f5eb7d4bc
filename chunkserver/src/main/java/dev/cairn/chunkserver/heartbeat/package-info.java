/**
 * The chunk server's life in its cluster, as each of its masters sees it.
 *
 * <pre>
 *              +------------- register again ------------+
 *              v                                         |
 *   away -> register -> report chunks -> heartbeat ... heartbeat
 *     ^        |             |              |
 *     +--------+-------------+--------------+  the master does not answer: back off, for ever
 * </pre>
 *
 * <p>For each master one thread goes through these states ({@link
 * dev.cairn.chunkserver.heartbeat.MasterBeat}), so that one that is away costs the others nothing.
 * It does nothing that may take long, since the master takes a silent server for dead: what is to
 * be deleted is handed to other threads. A server that registers first drops what it was told to
 * delete on a condition. {@link dev.cairn.chunkserver.heartbeat.MasterLink} is the adapter to gRPC;
 * nothing else here knows of it.
 *
 * <p>Of several masters, all hear everything, so that each knows where replicas are when it comes
 * to lead; what only a record keeps is said again until a leader has heard it. Orders are obeyed of
 * the one that leads ({@link dev.cairn.chunkserver.heartbeat.Orders}, {@link
 * dev.cairn.chunkserver.heartbeat.LeadingTerm}).
 *
 * <p>A server belongs to one cluster for good. A master of another one refuses it, and is asked
 * again until the right one is back; meanwhile clients of the server's own cluster are served.
 *
 * <p>A process says a random number of its own with everything it says (its incarnation). When a
 * copy of its directories is served elsewhere, the master takes one of the two processes for the
 * server and refuses the other, which serves nothing until it is accepted.
 */
package dev.cairn.chunkserver.heartbeat;
