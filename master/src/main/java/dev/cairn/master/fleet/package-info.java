/**
 * The chunk servers: soft state, rebuilt from what they say. Where chunks are is the matter of
 * {@link dev.cairn.master.replica}.
 *
 * <p><b>A server</b> is known by the number its uuid got when it first registered. It lives from
 * when it registers until it has been silent for a while; then it is dead: not handed out, not
 * answered to readers. It comes back by registering again, as it does after a restart of the
 * master.
 *
 * <p>A server that is <b>drained</b> (a mark in its row) is no candidate for new replicas, and is
 * told to refuse clients' bytes; it is read from as before. A dead one that is not needed can be
 * <b>forgotten</b>: its row goes, and should it come back it is another server.
 *
 * <p><b>Placement</b> chooses the chain of servers for new chunks ({@link
 * dev.cairn.master.fleet.Placement}).
 *
 * <p>Safe for any thread.
 */
package dev.cairn.master.fleet;
