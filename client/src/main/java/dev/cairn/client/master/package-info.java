/**
 * The client's side of the control plane, and the only place of the client that knows gRPC.
 *
 * <p>{@link dev.cairn.client.master.Calls} sends a request and, while the master can't be reached,
 * sends it again; {@link dev.cairn.client.master.Session} is this client's registration, kept alive
 * by heartbeats; {@link dev.cairn.client.master.Master} has one method per request and puts the
 * session's {@code RequestContext} into those that change something, so that a request which is
 * sent twice is done once.
 *
 * <p>Futures complete on gRPC's event loop: what hangs on them must not block.
 */
package dev.cairn.client.master;
