/**
 * What is known of sessions only in memory: when each was heard of last, and what it has open. That
 * a session exists is a row of the state; this follows it. After a restart of the master every
 * session counts as just heard of, and says again what it has open; until all have, or their time
 * to live has passed, nobody knows what is open, and no orphan is taken apart.
 *
 * <p><b>Coming back.</b> Requests of a session wait until it has come back to the new master. It
 * says then which of its requests were granted. After a power cut the end of the log may be gone,
 * and with it what was answered: a session that was granted more than the state has is ended. Its
 * client would otherwise go on with locks that others may have by now, and be told that lost
 * changes are on disk.
 *
 * <p><b>Open files.</b> Whoever opens an inode enters it here first and reads the inode then. An
 * inode that lost its last name is written as an orphan first and looked up here then. So at least
 * one of the two sees the other.
 *
 * <p><b>Waits for locks.</b> That somebody waits is in the state; the calls that ask whether a wait
 * is over are held in {@link dev.cairn.master.session.LockWaits}, for seconds at most.
 *
 * <p><b>Leases.</b> When the term of each is over is known here ({@link
 * dev.cairn.master.session.LiveLeases}); that it is over then becomes a record.
 *
 * <p>Safe for any thread.
 */
package dev.cairn.master.session;
