/**
 * What an open file is made of.
 *
 * <p>An {@link dev.cairn.client.file.OpenFile} is one inode, however many handles this client has
 * on it. Its {@link dev.cairn.client.file.FileContent} says where every byte is:
 *
 * <pre>
 *   overlay:  written here, not yet committed      Buffered (in an arena) or Stored (acknowledged)
 *   appended: the same, of what goes to the end of the file: shown behind all the rest
 *   base:     committed extents, as far as the master was asked          Stored
 *   neither:  a hole
 * </pre>
 *
 * <p>A written byte goes through these states, always in this order, and is readable in all of
 * them:
 *
 * <pre>
 *   open arena -- full, or somebody waits --> queued --> sent --> acknowledged --> committed
 *                                              ^           |
 *                                              +-- chain failed: into a new chunk elsewhere
 * </pre>
 *
 * <p>{@link dev.cairn.client.file.DirtyBuffer} takes writes into arenas, {@link
 * dev.cairn.client.file.ChunkAppender} sends them, {@link dev.cairn.client.file.FileWriter} runs
 * both; {@link dev.cairn.client.file.Committer} has the master publish what is acknowledged. An
 * error drops what is not committed and is reported once, by the next write, flush or fsync.
 *
 * <p>Committed extents are kept in pages ({@link dev.cairn.client.file.KnownExtents}). A file may
 * have more of them than there is memory for, so that pages are dropped and asked for again, and
 * whoever reads, seeks or syncs goes from one page to the next.
 *
 * <p><b>Fencing.</b> Every byte is committed in the session and under the lease it was written in;
 * when one of them is over, the master refuses it. A file that was locked in the expired session,
 * or whose lease is over, is fenced: its handles fail, and who opens it again gets a new {@code
 * OpenFile}. {@link dev.cairn.client.file.FileLocking} takes and gives up locks, {@link
 * dev.cairn.client.file.FileLeasing} leases. That a lease is over is told by the answer to a
 * heartbeat, to an open, or to a commit.
 *
 * <p>Locking: one lock per open file, {@code OpenFile.lock}, held for memory work only and never
 * while waiting for a server or a buffer. What is said to need it is not thread-safe without.
 */
package dev.cairn.client.file;
