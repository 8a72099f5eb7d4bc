/**
 * The replicas: which server holds what of which chunk, and whether it may be read. Soft state,
 * rebuilt from what servers and clients say; the state's tables hold the marks of bad ones alone.
 *
 * <p>{@link dev.cairn.master.replica.ReplicaMap} owns all of it. Others tell it events and ask it
 * questions; nobody else changes anything, and no event needs another one first.
 *
 * <p><b>States</b> of one replica, which is a chunk on a server:
 *
 * <pre>{@code
 *            reported whole, copied, committed
 * ABSENT ----------------------------------------> WHOLE
 * |  ^  ^                                          | |  ^
 * |  |  +------------------- lost -----------------+ |  |
 * |  |                                               |  |
 * |  |       others committed more of the chunk      |  |
 * |  +------ STALE <---------------------------------+  |
 * |   lost   ^   |                                      |
 * +----------+   +--------------------------------------+
 * reported short   reported whole, copied, committed, chunk discarded
 * }</pre>
 *
 * <p>A replica that is shorter than its chunk is STALE: it is none, and only takes room. What is
 * left of a garbage chunk is to be deleted however short it is, and so becomes WHOLE when the chunk
 * is discarded. All replicas of a server become ABSENT when it registers, since it is about to
 * report them, and when it is forgotten; all of a chunk, when the chunk is deleted.
 *
 * <p>Four marks lie over the states, each with its own way in and out:
 *
 * <pre>
 *   LOST     lost --> reported whole, copied, or a while later
 *   SUSPECT  suspected, or bad when the server registers --> checked, or lost
 *   BAD      marked by a record --> forgotten by a record, after lost or checked
 *   GOING    told to go --> settled on an answer that does not name it, or lost
 * </pre>
 *
 * <p>The server itself has told of a LOST replica that it is gone: a commit whose client was told
 * of the replica before does not bring it back. A SUSPECT one is read last, and its server is asked
 * to check it. A BAD one is left out of answers while there is another. A GOING one may go at any
 * moment, so it does not count. Registering ends SUSPECT and GOING, forgetting the server ends
 * these as well.
 *
 * <p>A replica is <b>good</b> when it is WHOLE, not BAD, and its server lives; it <b>counts</b>
 * when it is not GOING either. Whether servers live, or are to be emptied, is asked of the {@link
 * dev.cairn.master.fleet.Fleet} each time. So a death changes nothing here, and takes no time.
 *
 * <p><b>Threads.</b> What compares replicas with chunks (reported, copied, committed) and what
 * follows records (discarded, deleted, marked) comes in the order of the records, on the thread
 * that makes them part of the state: the writer's, or that of a follower's log. What servers say of
 * their own replicas, and what clients suspect, comes on any thread. An event of one chunk is
 * atomic, under the lock of a thousandth of all chunks. Questions take that lock for a table
 * look-up or none at all.
 *
 * <p><b>Memory.</b> A chunk takes 21 to 32 bytes, with up to four replicas and the number of
 * replicas it should have ({@link dev.cairn.master.replica.ChunkLocations}). STALE and the marks
 * take memory for each replica that has them, which are few.
 *
 * <p><b>Garbage</b> is handed to the servers that hold it, in the answers to their heartbeats, once
 * the hold time has passed and the log is on disk as far as it says so: what was a file's is
 * deleted, what nothing is known of goes into the servers' quarantine ({@link
 * dev.cairn.master.replica.Garbage}).
 */
package dev.cairn.master.replica;
