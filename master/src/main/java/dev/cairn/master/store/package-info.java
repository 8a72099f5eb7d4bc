/**
 * Ordered tables of bytes, and where they lie. A {@link dev.cairn.master.store.Store} holds one
 * {@link dev.cairn.master.store.Table} per noun of the master's state; {@link
 * dev.cairn.master.store.Layout} is the one place that says what a key and a value look like. The
 * writer collects the effects of a batch of records in an {@link dev.cairn.master.store.Overlay},
 * reads through it what it has not written yet, and hands it to the store as one atomic write.
 *
 * <p>The only package that knows RocksDB. A write is in the operating system when it returns (a
 * killed process loses nothing) and on disk after {@link dev.cairn.master.store.Store#force}.
 *
 * <p>RocksDB takes every damage at the end of its log for a torn write, and may skip damage in the
 * middle of it. So the log is read before RocksDB opens it ({@code LogScan}), and judged ({@code
 * LogVerdict}): a torn end is cut off, everything else is refused. {@code SyncMark} says how far
 * the log was synced.
 *
 * <p>A {@link dev.cairn.master.store.Checkpoint} is a consistent copy of the tables beside a
 * working master, of hard links: what a backup is made of, and what another master can catch up
 * with.
 *
 * <p>Any thread may read; one thread at a time writes. A read that fails because of the disk throws
 * {@link java.io.UncheckedIOException}.
 */
package dev.cairn.master.store;
