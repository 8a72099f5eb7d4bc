/**
 * The portable binding: mounts through libfuse 2, for macOS (macFUSE) and for Linux where the
 * kernel's protocol cannot be spoken. jnr-fuse supplies what differs between systems, the layouts
 * of {@code struct fuse_operations}, {@code stat} and {@code statvfs}; jnr-ffi and jffi call the
 * library.
 *
 * <p><b>The way of a request.</b> A thread of {@link dev.cairn.fuse.jnr.Readers} receives it from
 * the kernel and hands it to libfuse's session. libfuse turns the kernel's numbers into a path and
 * calls back, on the same thread, into {@link dev.cairn.fuse.jnr.Operations}; {@link
 * dev.cairn.fuse.jnr.Guard} runs one of the classes {@code *Calls}; {@link
 * dev.cairn.fuse.jnr.PathResolver} turns the path into an inode; the thread waits in {@link
 * dev.cairn.fuse.jnr.Answers} for the Vfs, and what the callback returns is the reply.
 *
 * <p><b>What libfuse and jnr-fuse do that must not be relied on,</b> and where that is dealt with:
 *
 * <ul>
 *   <li><i>Foreign threads.</i> libfuse's loop starts threads that the virtual machine does not
 *       know, and jffi attaches each before and detaches it after each of its first thousand
 *       callbacks; libfuse ends idle ones, so that new ones begin anew. Here the threads are Java's
 *       and run libfuse's session themselves ({@code Readers}). Measured on two cores, stat(2) on a
 *       filesystem that does nothing: 9 us on a thread of Java's, 180 to 200 us on one that is
 *       attached for it, 40 us in libfuse's loop with its threads attached for good.
 *   <li><i>An exception that becomes success.</i> {@code Guard}.
 *   <li><i>Names as strings</i> of the default charset, so that other bytes are lost: {@code
 *       Callbacks} takes addresses, {@code FusePath} bytes.
 *   <li><i>Hidden bits.</i> jnr-fuse's FuseFileInfo and FuseOperations make bytes of bit-fields and
 *       cannot set them: {@code FileInfo}, {@code Operations#setFlags}.
 *   <li><i>A mount that fails silently.</i> jnr-fuse's {@code mount} takes two seconds without an
 *       answer for success, and throws libfuse's reason away. Here mounting and serving are two
 *       steps; the reason is read from the standard error ({@code NativeErrors}), and a mount is
 *       one when the kernel has been answered and lists it ({@code JnrBinding}).
 *   <li><i>Lazy unmounts</i> that nobody waits for, and a shutdown hook for one: {@code Unmount},
 *       {@code JnrMount}. No hook is installed here.
 *   <li><i>Signal handlers.</i> {@code fuse_main} replaces those of the virtual machine for HUP,
 *       INT and TERM; it is not called.
 *   <li><i>Symbol versions.</i> dlsym(3) finds the wrong {@code fuse_new}: {@code FuseNew}.
 *   <li><i>Names for files without one.</i> {@code HiddenFiles}.
 *   <li><i>Pages by path.</i> Hard links have pages of their own in the kernel: {@code KeptPages}.
 *   <li><i>Interrupts by signals to threads</i>: {@code Answers}, {@code DyingProcess}.
 *   <li><i>Callbacks collected as garbage</i>, because jffi refers to them weakly: {@code Session}
 *       keeps them.
 * </ul>
 *
 * <p>What an application notices of all this is in docs/SEMANTICS.md, "The portable binding".
 */
package dev.cairn.fuse.jnr;
