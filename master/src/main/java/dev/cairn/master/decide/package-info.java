/**
 * What a request does to the state, decided. A decider reads the state through a {@link
 * dev.cairn.master.state.MetadataView}, refuses with a typed error, or returns a {@link
 * dev.cairn.master.decide.Decision}: the records that make the change, and the reply. It changes
 * nothing, and has no clock, no randomness and no thread of its own: the time, and what is known
 * only in memory (which servers live, who has what open), come in as arguments.
 *
 * <p>One class per concern. {@code NamespaceDraft} and {@code ContentDraft} gather what one
 * decision changes, so that it sees its own changes and each row becomes one record.
 *
 * <p><b>Extents.</b> A file's extents are filed under its extent map's number by the offset behind
 * their last byte, and never overlap. Laying one cuts what it hides: hidden extents go, those at
 * its edges are trimmed, one that surrounds it is split. One that continues its predecessor both in
 * the file and in the chunk is merged with it. A chunk counts the extents that refer to it. At 0 it
 * is garbage, unless its writer has not sealed it yet: then it waits for the seal or for the end of
 * the writer's session. No extent reaches behind the file's size.
 *
 * <p><b>Bounds.</b> A decision and its records are held in memory, and everybody waits for it. So
 * it changes a bounded number of extents, however many a file has ({@link
 * dev.cairn.master.decide.ExtentSteps}). Clones, holes and truncations go in steps that the client
 * asks for one after the other; each is complete by itself. A commit that hides too many extents is
 * refused, and the client commits halves of it. A map that nothing needs any more is taken apart in
 * the background.
 *
 * <p><b>Grants.</b> A chunk id is granted to one session and never again. A commit may refer to
 * chunks of the session's grants, and to those its file already refers to; so a session that has
 * expired, and lost its grants with that, cannot put anything into a file.
 *
 * <p><b>Leases.</b> The row of a lease is there exactly as long as the lease is in force. Its term
 * is over when upkeep says so, and not when a request finds it to be: after a pause of the master
 * its holder's heartbeats are read first. A request that says under which lease a file was changed
 * is refused when that lease is over, also when nobody has another one since.
 */
package dev.cairn.master.decide;
