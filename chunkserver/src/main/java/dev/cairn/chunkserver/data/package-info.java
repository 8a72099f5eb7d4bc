/**
 * The data port: bulk bytes in and out of the chunk store.
 *
 * <p>One thread per connection serves one {@code Conversation}: reads, forces, or, after an {@code
 * OpenChain}, a write stream until the connection ends.
 *
 * <p><b>The chain.</b> The first server of a chain connects to the second, handing it the rest of
 * the list, and so on; the chain stands when the {@code Ack} of sequence 0 has come back through
 * all of them. Of each append a server reads the payload into a buffer, sends it on, checks it
 * against its checksums and writes it. It acknowledges what it has written and what the rest of the
 * chain has acknowledged; acknowledgements from downstream are read by a thread of their own, so
 * that several appends can be under way.
 *
 * <pre>
 *   client --Append--> A --Append--> B --Append--> C
 *   client &lt;---Ack---- A &lt;---Ack---- B &lt;---Ack---- C
 * </pre>
 *
 * <p><b>When something fails</b>, whoever notices sends one {@code Failure} upstream that names the
 * server at fault; each server passes it on and closes. Every wait for a server behind is bounded,
 * and the bound grows with the number of servers behind it, so that the one next to the silent
 * server gives up first and blames the right one. A client whose chains were all too slow although
 * the master says that their servers live asks for more time in each wait ({@code slack}). After a
 * {@code Failure} the connection is read for a moment longer and what comes is thrown away: closing
 * with unread bytes would let TCP reset the connection and take the {@code Failure} with it.
 *
 * <p><b>Memory.</b> All payload goes through one bounded {@code BufferPool}. Who forwards to others
 * holds a buffer while waiting for them, and they may do the same with this server behind them, in
 * other chains. So some of the pool is reserved for those with fewer servers behind them: the last
 * server of a chain always gets a buffer in the end, hence the one before it, and so on.
 *
 * <p>Knows nothing of the master or of how chunks are stored.
 */
package dev.cairn.chunkserver.data;
