/**
 * The client's side of the control plane, and the only place of the client that knows gRPC.
 *
 * <p>{@link dev.cairn.client.master.Calls} sends a request and, while the master can't be reached,
 * sends it again; {@link dev.cairn.client.master.Session} is this client's registration, kept alive
 * by heartbeats; {@link dev.cairn.client.master.Master} has one method per request and puts the
 * session's {@code RequestContext} into those that change something, so that a request which is
 * sent twice is done once.
 *
 * <p>Of several masters one leads, and all requests go to it. {@link
 * dev.cairn.client.master.LeaderFinder} knows which, by what became of the requests before:
 *
 * <pre>
 *   refused, with the address of the leader  -> that one, at once
 *   refused, or the connection broke         -> the next one, at once; a pause after a round
 *   silent, and another one says it leads    -> that one ({@link dev.cairn.client.master.SilenceWatch})
 *   silent, and no other one leads           -> the same: it is busy, or about to be replaced
 * </pre>
 *
 * <p>The session goes on at the new leader with the same numbers, and requests are sent there as
 * they were: what the former one did is answered from the table of replies. A new leader answers
 * nothing before it has heard what this client has open, so that its first refusal sends the next
 * heartbeat at once.
 *
 * <p>Futures complete on gRPC's event loop: what hangs on them must not block.
 */
package dev.cairn.client.master;
