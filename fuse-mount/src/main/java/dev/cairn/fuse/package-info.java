/**
 * Mounts a {@link dev.cairn.client.vfs.Vfs}: the {@code mount} command, its settings, and the two
 * {@link dev.cairn.fuse.Binding}s, {@code kernel} (Linux, the FUSE protocol itself) and {@code jnr}
 * (libfuse 2 through jnr-fuse).
 */
package dev.cairn.fuse;
