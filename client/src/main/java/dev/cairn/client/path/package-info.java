/**
 * Paths over a {@link dev.cairn.client.vfs.Vfs}: what turns the inode-based filesystem into one of
 * names, for commands that work without a mount.
 *
 * <p>Names are bytes. As text ({@link dev.cairn.client.path.Names}) they are UTF-8, and a byte that
 * is no UTF-8 is kept as a lone low surrogate, so that every name survives the way from the command
 * line to the cluster and back. {@link dev.cairn.client.path.Tree} resolves paths component by
 * component; symlinks are followed as path_resolution(7) says, with an absolute target meaning the
 * root of the cluster, which is what the target means where the cluster is the whole world.
 * Everything here waits for its answers and runs on the caller's thread.
 */
package dev.cairn.client.path;
