/**
 * Gives every chunk the replicas it should have: repair.
 *
 * <p><b>What is missing</b> is found by surveys of all locations: soon after a server died, a disk
 * or a chunk was lost or a replica was found bad, and every few seconds otherwise. Nothing is
 * concluded while a server has yet to report its chunks. What a survey finds is queued by how few
 * good replicas are left ({@code Shortages}); nothing else is kept per chunk.
 *
 * <p><b>A copy</b> is made by the server that gets it: an order in the answer to its heartbeat
 * names the chunk, its committed length and the servers with good replicas. The server says in its
 * next heartbeats which orders it still has, and how the others ended:
 *
 * <pre>
 *   queued --> ordered --> told --> copied and forced there --> counted
 *     ^           |          |                |
 *     +-----------+----------+----------------+  target dead, order lost, copy failed, chunk grown
 * </pre>
 *
 * <p>An order that ends otherwise than well is just forgotten: the next survey finds the chunk
 * again. A copy counts when the writer's thread has compared its length with the chunk's. A chunk
 * that is still appended to can be copied, too: a commit that makes it longer leaves only those
 * replicas standing that acknowledged it.
 *
 * <p><b>Bounds.</b> A server has orders for two seconds' worth of its rate at a time, so that what
 * is most urgent never waits behind much else and a dead server takes few orders with it.
 *
 * <p><b>What is too much</b> (a server came back) is deleted, and what is bad or too short put into
 * the server's quarantine, by the answers to heartbeats: of a chunk one replica at a time, and only
 * while as many good ones as wanted are on other servers that were heard of a moment ago. Each
 * answer says all of it anew, and what it does not repeat stays. A replica whose server was told
 * counts as gone (GOING in {@link dev.cairn.master.replica}), and no copy is made in its place,
 * until the server has said which it is. When every server there is has a replica of a chunk, and
 * one of them is bad, that server is ordered to put it aside and to copy the good one in its place.
 *
 * <p><b>Servers to be emptied</b> ({@code Drains}) hold replicas that are good to be copied from
 * and do not count towards those wanted: the chunks are found like those that miss some, and come
 * last.
 *
 * <p><b>Balance</b> ({@code Balance}): when nothing is missing and nothing is to leave, copies are
 * ordered to servers where replicas should rather be, and what is then too much goes by the same
 * way as always. A survey looks at some chunks only for this, going on where the last one ended,
 * and at none while any lacks replicas.
 *
 * <p>{@link dev.cairn.master.repair.Repairs} is safe for any thread.
 */
package dev.cairn.master.repair;
