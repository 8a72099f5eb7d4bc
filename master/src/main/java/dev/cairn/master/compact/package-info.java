/**
 * Gives space back that overwritten bytes take, and makes one extent of many: compaction.
 *
 * <p>Nothing is ever overwritten in a chunk. So a chunk of which a file needs little any more takes
 * all its room until the last extent of it goes; and a file that is written at random, or appended
 * to in small pieces, gets more extents than it needs. What files still need of such chunks is
 * written into new ones, and the old ones become garbage:
 *
 * <pre>
 *   planned --> ordered --> told --> built and forced there, on as many servers as replicas are wanted
 *      ^           |          |            |
 *      |           +----------+------------+--> dropped: server dead, order lost, bytes unreadable
 *      |                                   |
 *   {@code FilePlans}                    relocated, by one command: extents that are still as they were
 *                                          planned refer to the new chunk from then on
 * </pre>
 *
 * <p><b>What is planned</b> is found by going through the inodes, a few at a time, and resting
 * after the last. A file that changed a short while ago is left alone: it would change again. So is
 * a chunk that something else refers to as well, a clone for one, which would be there twice then;
 * and one that is not sealed.
 *
 * <p><b>Nothing is lost or undone</b> by what is written meanwhile: the relocation looks at each
 * extent as it is by then, and leaves alone what others have laid there. Nothing of it can be seen
 * by applications: content, times and version of the file stay. Who has read the old extents goes
 * on with them as long as garbage is held, and asks for the extents again when a chunk is gone.
 *
 * <p><b>Orders</b> are only in memory. A chunk that was put together and is not relocated, because
 * an order of another server failed, is garbage; one that was ordered before the master restarted
 * is like any other that no file is known for.
 *
 * <p>{@link dev.cairn.master.compact.Compaction} is safe for any thread; its step runs on a timer.
 */
package dev.cairn.master.compact;
