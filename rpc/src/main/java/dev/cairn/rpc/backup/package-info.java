/**
 * A backup of a cluster's metadata, as a directory:
 *
 * <pre>
 *   MANIFEST       what it is of, and each file with its length and SHA-256; its last line is its own
 *   tables/        the files of the master's tables, as they were at one moment
 *   tables/BACKUP  when that was. A master that starts on tables with this file knows that they are a
 *                  backup, however they got there, and takes back nothing that came later
 * </pre>
 *
 * <p>{@link dev.cairn.rpc.backup.BackupWriter} writes to {@code NAME.part}, syncs everything, and
 * renames the directory: a directory without that suffix is a whole backup. Nothing is ever written
 * to a backup again. {@link dev.cairn.rpc.backup.Backup} reads one: it trusts no file whose
 * checksum it has not computed.
 *
 * <p>What is here knows nothing of what the tables hold. Not safe for several threads.
 */
package dev.cairn.rpc.backup;
