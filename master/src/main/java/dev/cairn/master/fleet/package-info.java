/**
 * The chunk servers, and where chunks are: soft state, rebuilt from what the servers say.
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
 * <p><b>Locations.</b> Registering clears a server's locations; its report of chunks, and clients'
 * commits, add to them; it says itself what it lost, which commits that come later do not bring
 * back ({@link dev.cairn.master.fleet.LostReplicas}). A replica found bad is left out of answers
 * while there is another.
 *
 * <p><b>Placement</b> chooses the chain of servers for new chunks ({@link
 * dev.cairn.master.fleet.Placement}).
 *
 * <p><b>Garbage</b> is handed to the servers that hold it, in the answers to their heartbeats, once
 * the hold time has passed and the log is on disk as far as it says so: what was a file's is
 * deleted, what nothing is known of goes into the servers' quarantine ({@link
 * dev.cairn.master.fleet.Garbage}).
 *
 * <p>Safe for any thread.
 */
package dev.cairn.master.fleet;
