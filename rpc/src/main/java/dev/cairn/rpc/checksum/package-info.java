/**
 * CRC32C per block of 64 KiB: a chunk is cut into blocks where its offset is a multiple of {@link
 * dev.cairn.rpc.checksum.Blocks#SIZE}, and every block (the last one may be short) has one
 * checksum. Bytes in flight are cut at the same places, so that a whole block's checksum is
 * computed once, by the client that writes it, and stays what it was in every store and on every
 * wire.
 */
package dev.cairn.rpc.checksum;
