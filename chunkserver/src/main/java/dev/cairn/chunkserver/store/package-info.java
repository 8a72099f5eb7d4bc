/**
 * The chunks a server holds, on several disks, each block with its checksum.
 *
 * <p>{@link dev.cairn.chunkserver.store.ChunkStore} is the face. A chunk is <em>staged</em> while
 * it is appended to and <em>sealed</em> afterwards; both can be read at any time, up to what was
 * appended. There are two kinds of storage on each disk:
 *
 * <pre>
 *   DIR/identity                  format version, server uuid, cluster id
 *   DIR/lock                      held while a server uses the directory
 *   DIR/bad-chunks                ids of chunks found damaged, and why
 *   DIR/chunks/XX/ID.data         an own-file chunk's bytes; XX is the low byte of the id
 *   DIR/chunks/XX/ID.sums         its checksum log ({@code ChecksumLog})
 *   DIR/packs/NUMBER-SALT.pack    many small chunks, one record each ({@code PackFormat})
 *   DIR/packs/NUMBER-SALT.dead    the chunks of that pack that were deleted
 *   DIR/quarantine/SECONDS/       replicas that are kept for a time before they are deleted
 * </pre>
 *
 * <p><b>Own-file chunks.</b> An append writes to the log the checksum so far of each block it
 * touches, and then the data. After a crash the last entry of a block that matches the data wins;
 * what is behind it stays in the file, and nothing is appended any more. Once a chunk was forced to
 * the disk, an entry says so, and the chunk is trusted at the next start without reading it. A log
 * that has become long is compacted to one entry per block.
 *
 * <p><b>Packs.</b> A chunk that arrives whole and small becomes one record in the disk's current
 * pack. A checkpoint entry in a pack says up to where it was forced; only what is behind the last
 * one is read and checked at the next start. Packs without live chunks are removed, those mostly
 * dead are rewritten in the background. A damaged record header costs that record alone: each
 * header carries a check salted with the pack's name, so that the next one can be found, and bytes
 * that only look like a header (a pack stored in a pack) are not taken for one.
 *
 * <p><b>A start deletes nothing.</b> No file with bytes is deleted, cut or overwritten when a store
 * is opened: whoever opens it cannot know whether bytes that do not match their checksums are a
 * torn write or the only copy beside damaged checksums. A pack with bytes of no record takes no
 * more records, and is put aside when nothing lives in it.
 *
 * <p><b>Quarantine.</b> Replicas that are bad, or that the master knows no file for, are not
 * deleted at once ({@code Quarantine}): they are neither served nor reported, take room as before,
 * and go after a hold time, or earlier when the disk needs the room. To get one back, stop the
 * server, move its two files to the {@code chunks/XX} they were in, or the pack to {@code packs},
 * and start it.
 *
 * <p><b>Failures.</b> A full disk refuses appends and is well otherwise. A write or a force that
 * fails for another reason makes the disk dead until the server is restarted: its chunks count as
 * lost. A read that fails condemns the chunk, and the disk too if a probe fails. The same holds at
 * the start; a disk whose directories cannot be read is dead from there on. What the master must
 * hear of gathers in {@link dev.cairn.chunkserver.store.Findings}.
 *
 * <p><b>Threads.</b> Any thread may call the store. One background thread forces what was written,
 * removes and rewrites packs, and watches the free space; another one empties the quarantine, which
 * may take long. No thread that does I/O here may be interrupted: that closes Java's file channels.
 */
package dev.cairn.chunkserver.store;
