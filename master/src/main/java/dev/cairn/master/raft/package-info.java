/**
 * Several masters by Raft: three or five of them keep the same state, and any minority may be lost.
 * The only package that knows Apache Ratis; a master without {@code --peers} loads nothing of it.
 *
 * <h2>The log</h2>
 *
 * One entry is one batch of the leader's writer ({@link dev.cairn.master.log.Writer}): its records,
 * the term in which it was decided, and its number in that term. An entry is committed when a
 * majority has it on its disk. The leader then writes the effects it has ready, a follower turns
 * the records into rows, and both write in the same step how far they are ({@code Applied}): after
 * a crash exactly the missing entries are applied. An entry of another term than the one it was
 * decided in, or with a gap before its number, was decided on a state that never was, and is passed
 * over by all alike.
 *
 * <p>A snapshot is no file: it is the tables themselves, synced up to an entry; then the log may
 * forget that entry. A member that needs what the log has forgotten, or that is new, fetches a
 * checkpoint of the leader's tables piece by piece ({@code CheckpointFetch}), and takes it in place
 * of its own. The first records of a cluster are in no log, so that a new member always does.
 *
 * <h2>The leader</h2>
 *
 * <pre>
 *             election won, everything before applied
 *   follows ------------------------------------------> leads: reigns, serves
 *      ^                                                   |
 *      |   a later term is seen, or the majority is lost   |
 *      +---------------------------------------------------+
 *          what is in flight is refused: it may be done
 * </pre>
 *
 * A member that has heard from the leader within 700 ms supports no other one. So a leader serves
 * while a majority has answered to what it sent within the last 600 ms ({@code Followers}). This is
 * asked before a call begins and when its answer is ready; a process that stood still, or was cut
 * off, serves nothing stale. A member that is restarted has forgotten whom it followed, and waits
 * for 700 ms before it takes part.
 *
 * <h2>Who is a member</h2>
 *
 * A member is a directory, not an address: with its directory a master loses its votes, and counts
 * as another one. A master finds its part by asking all that {@code --peers} names ({@code
 * Introduction}):
 *
 * <table>
 * <caption>What a started master does</caption>
 * <tr><th>its directory</th><th>the others</th><th>it</th></tr>
 * <tr><td>has a log</td><td></td><td>takes part as before</td></tr>
 * <tr><td>holds a cluster, and no log</td><td>have none</td><td>begins a group alone, and adds the
 *     others when all have come</td></tr>
 * <tr><td>holds a cluster, and no log</td><td>are masters of it</td><td>refuses to start: its
 *     directory is old</td></tr>
 * <tr><td>is empty</td><td>some have a cluster</td><td>asks their leader to be a member</td></tr>
 * <tr><td>is empty</td><td>all are there, and empty</td><td>founds a cluster if it is the first of
 *     the list, and serves when all have joined</td></tr>
 * <tr><td>is empty</td><td>some are silent</td><td>waits: they may have the cluster</td></tr>
 * </table>
 *
 * The leader lets a master join in place of one with the same address, when an operator has asked
 * for it, or when the leader is alone and both are in its {@code --peers} ({@code Membership}).
 */
package dev.cairn.master.raft;
