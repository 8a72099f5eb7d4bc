/**
 * The inode-based filesystem a kernel binding adapts: {@link dev.cairn.client.vfs.Vfs} is the face,
 * without anything of FUSE in it and without native code.
 *
 * <p>Every operation answers with a future, which is completed by whichever thread has the answer:
 * often before the call returns, otherwise an event-loop thread of the control plane or a data
 * thread. No caller's thread is ever kept waiting for a server. A future fails with a {@link
 * dev.cairn.rpc.error.CairnException}, whose code has the errno, and with nothing else; cancelling
 * it gives the operation up where that is possible.
 */
package dev.cairn.client.vfs;
