/**
 * Copies files and trees between the local filesystem and a {@link dev.cairn.client.vfs.Vfs}, for
 * {@code put}, {@code get} and {@code cat}.
 *
 * <p>A file appears under its name whole or not at all: it is written under a temporary name
 * ({@code .cairn-put-...}, {@code .cairn-get-...}) beside it, gets its permissions and times, and
 * is renamed. Within a file four blocks of 1 MiB are under way at a time; of a tree, several files
 * on the threads of {@link dev.cairn.client.transfer.Workers}. A directory gets its permissions and
 * times once everything in it has arrived.
 *
 * <p>What makes a transfer verified: the bytes of an upload are covered by CRC32C from the moment
 * the filesystem takes them (computed by this client, checked by every chunk server on receipt and
 * stored), and an upload is only renamed after its length at the master is what was sent; the bytes
 * of a download are checked against the stored CRC32C by this client, and it is only renamed when
 * all bytes of the length the file was opened with are written. An upload can be read back over a
 * second session, whose caches have nothing of it, and compared by CRC32C of the whole file.
 */
package dev.cairn.client.transfer;
