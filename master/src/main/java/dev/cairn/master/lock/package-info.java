/**
 * Locks of files, as flock(2) and fcntl(2) take them, without thread, clock or table: {@link
 * dev.cairn.master.lock.LockTable} is the locks of one file and those who wait for some, {@link
 * dev.cairn.master.lock.WaitGraph} finds waits that would never end.
 *
 * <p><b>Where they live.</b> A file's locks and waits are one row of the state, so they survive a
 * restart of the master, in their order. They belong to sessions, and go with them. What waits in
 * memory is only the calls in which clients ask whether their wait is over; after a restart they
 * ask again.
 *
 * <p><b>Fairness.</b> Who waits is served in the order of coming; a shared lock does not overtake
 * an exclusive one that waits for the same bytes, or writers would starve. Who does not want to
 * wait is told of held locks only, as POSIX has it.
 */
package dev.cairn.master.lock;
