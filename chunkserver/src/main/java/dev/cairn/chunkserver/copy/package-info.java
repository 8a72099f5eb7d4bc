/**
 * Makes replicas of chunks that other servers hold, as the master orders: the receiving end of
 * repair, of draining and of rebalancing.
 *
 * <pre>
 *   order --> waiting --> copied --> forced to the disk --> told to the master
 *                  \--------+-------------+---> failed ----/
 * </pre>
 *
 * <p>The bytes are read from the sources' data ports as clients read them, whole blocks with their
 * checksums, and stored with these checksums: the store compares them, so nothing is kept that is
 * not what its writer wrote. A source that cannot be reached is followed by the next one; one whose
 * replica is damaged or missing is named to the master.
 *
 * <p>A copy has the length that was committed when it was ordered, and is sealed. What a writer
 * appends to other replicas meanwhile makes this one stale, and the master, which compares lengths
 * when it hears of the copy, does not count it then.
 *
 * <p><b>New chunks</b> are put together out of parts of others ({@code Assembly}) to give space
 * back that overwritten bytes take, and to make one extent of many. The same bytes come from the
 * same order on every server that gets it, so that these are replicas of one chunk.
 *
 * <p>Small chunks go many to a request and many to a force. All copies share one {@code Throttle},
 * set by the master, so that clients keep most of the bandwidth.
 *
 * <p>{@link dev.cairn.chunkserver.copy.Copies} is the face, for any thread. Its workers live as
 * long as there is something to copy.
 */
package dev.cairn.chunkserver.copy;
