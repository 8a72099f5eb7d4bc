/**
 * The commands that need more than rows: what is known in memory of replicas, of sessions and of
 * chunk servers. Each is a class of its own. Adapters and timers take a request apart, make the
 * command and submit it; a command that needs nothing but rows is submitted as the decider that it
 * is.
 *
 * <p><b>Decided.</b> {@code decide} changes nothing, neither rows nor memory. So a command may be
 * decided again: when its batch could not be written, or by the next leader when this master is
 * none any more.
 *
 * <p><b>Followed.</b> What every master has to know follows from the records alone, on whichever
 * master they are applied: the {@code MemoryFollower} is the one place for that. What only this
 * master can know, since a client or a chunk server said it here, is noted by the command itself in
 * {@code granted}: what a session has open, and what a server holds. That runs on the writer's
 * thread when the records are part of the state, just before memory follows them, so that whoever
 * finds something by way of a record finds the rest as well.
 */
package dev.cairn.master.command;
