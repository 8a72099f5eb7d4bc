/**
 * Mounts on Linux by the kernel's FUSE protocol itself: requests are read from {@code /dev/fuse}
 * and answered there, without a library in between. The protocol is that of {@code <linux/fuse.h>}
 * and the kernel's {@code Documentation/filesystems/fuse}; version 7.31 (Linux 5.4) or later.
 *
 * <p><b>The way of a request.</b> A few {@link dev.cairn.fuse.kernel.RequestLoop} threads block in
 * read(2), each with a {@link dev.cairn.fuse.kernel.RequestBuffer} that holds the largest request.
 * {@link dev.cairn.fuse.kernel.Operations} picks the operation by its number; the classes {@code
 * *Operations} decode arguments, call the {@link dev.cairn.client.vfs.Vfs} and hand the future to
 * the {@link dev.cairn.fuse.kernel.Request}, which replies from whichever thread completes it:
 * mostly the same one, at once. No thread waits for a future, so a slow server holds up only those
 * who ask it. An operation that is in no table is answered ENOSYS, and the kernel does not ask
 * again.
 *
 * <p><b>Exactly one reply.</b> A request that is answered twice is a bug and stops there; one whose
 * operation throws is answered EIO and logged; one whose future is still open stays with the
 * kernel, and with {@link dev.cairn.fuse.kernel.Interruptions}.
 *
 * <p><b>Buffers.</b> The bytes of a WRITE stay where the kernel put them until the Vfs has taken
 * them: the loop goes on with another buffer. The bytes of a READ are put behind room for the
 * reply's header, so that one write(2) sends both. Both are direct, page-aligned and from bounded
 * pools; when there are no more, a write is copied to the heap and a read waits its turn, but no
 * thread does.
 *
 * <p><b>What the kernel caches.</b> Names and attributes for the time the settings say; names that
 * do not exist, not at all. Pages of a file stay across opens exactly when the Vfs says that the
 * file has not changed (FOPEN_KEEP_CACHE). In between, a size that differs from what the kernel
 * believes drops all pages of the file, because neither FUSE_AUTO_INVAL_DATA nor
 * FUSE_EXPLICIT_INVAL_DATA is asked for ({@code fuse_change_attributes} in fs/fuse/inode.c). The
 * former would drop them for a change of mtime too, and since the kernel does not keep track of
 * mtime itself without its write-back cache, every stat after a write of our own would cost the
 * pages just written.
 *
 * <p><b>Appending.</b> A WRITE whose descriptor has O_APPEND goes to the end of the file, whatever
 * its offset says: the kernel takes that from the length it knows. Such descriptors use no pages
 * (FOPEN_DIRECT_IO). Pages that other descriptors have read are dropped by a notification when
 * bytes turn out to stand elsewhere than this client showed them.
 *
 * <p><b>Locks.</b> flock and fcntl locks are the Vfs's where it shares them; the kernel then keeps
 * none. It gives owners: for fcntl a process's table of descriptors, whose locks go at FLUSH, for
 * flock and open file description locks the open file, whose locks go at RELEASE. Waiting takes no
 * thread; a signal ends it ({@code fuse_setlk} in fs/fuse/file.c makes a restart of it where the
 * signal's action says so). A lock is answered behind the notification that drops what the kernel
 * cached of a file that others have changed.
 */
package dev.cairn.fuse.kernel;
