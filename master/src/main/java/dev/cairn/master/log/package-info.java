/**
 * The one writer. Commands are queued; the writer's thread takes them in order, has each decided
 * against the state with all earlier decisions in it, applies the records at once to an overlay,
 * and when the queue is empty or the batch is big enough, appends the batch to the {@link
 * dev.cairn.master.log.RecordLog}: one atomic write. Only then does what is known in memory follow
 * the records, and only then is anybody answered, those that are refused included, since what they
 * were refused for was not written before. Batches form by themselves while a write is under way.
 *
 * <p>{@link dev.cairn.master.log.StoreLog} writes the effects of a batch to the store of this
 * process, and has committed it when it returns. A replicated log sends the records to other
 * masters, which takes longer than to decide the next batch. So the writer keeps a few batches in
 * flight, each an overlay over the one before:
 *
 * <pre>
 *   open batch -> sealed batch -> ... -> oldest sealed batch -> recent rows -> tables
 * </pre>
 *
 * They are committed in their order, and only then are their commands answered, also those that
 * only read: what they read may have been in flight. A master that loses the leadership drops what
 * is in flight and refuses it with the remark that it may be done.
 *
 * <p>When the log cannot take a batch, nobody is told that it did: each command of the batch is
 * decided again by itself, those that change something are refused, and the others go on. Once a
 * second the writer has the log try to recover. A sync that fails counts as such a failure.
 *
 * <p>What is appended outlives the process; {@link dev.cairn.master.log.ForceGroup} makes it
 * outlive the machine, once for all who wait.
 */
package dev.cairn.master.log;
