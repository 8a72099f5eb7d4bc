/**
 * Backups of the metadata beside a working master. A backup begins with a checkpoint of the tables
 * ({@link dev.cairn.master.store.Checkpoint}): hard links in the master's own directory, made in a
 * moment. Its files are then sent as pages, in pieces of 256 KiB: to a command over the control
 * port, or to a directory ({@link dev.cairn.rpc.backup.BackupWriter}) that the master itself was
 * given. The checkpoint goes with the end of the backup, or with the next start.
 *
 * <p>One backup is made at a time, on a thread of its own. Nothing of it is done on the writer's
 * thread but the flush of what is in memory. Whoever reads too slowly is cut off: while a
 * checkpoint is there, tables that were compacted since keep their room.
 *
 * <p>{@link dev.cairn.master.backup.BackupSchedule} makes backups by itself and keeps the last
 * ones. While it does, chunks that the newest of them may refer to are not deleted, unless room is
 * needed. Otherwise a backup would lose files that nobody changed: compaction gives them new
 * chunks.
 *
 * <p>What a master does with tables that are a backup is in {@code Restoration}.
 */
package dev.cairn.master.backup;
