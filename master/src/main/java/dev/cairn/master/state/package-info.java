/**
 * The master's state in terms of inodes, entries, extents, chunks, sessions: {@link
 * dev.cairn.master.state.MetadataView} reads it, and {@link dev.cairn.master.state.StateMachine}
 * applies records to it, the only way it ever changes. Applying is deterministic: no clock, no
 * randomness, no decision; what a record says becomes rows. Knows nothing of threads, requests and
 * replies.
 */
package dev.cairn.master.state;
