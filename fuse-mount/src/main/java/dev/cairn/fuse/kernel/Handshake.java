package dev.cairn.fuse.kernel;

import dev.cairn.fuse.kernel.KernelLayout.InitIn;
import dev.cairn.fuse.kernel.KernelLayout.InitOut;
import dev.cairn.fuse.kernel.KernelNumbers.InitFlag;
import dev.cairn.fuse.kernel.KernelNumbers.Opcode;
import dev.cairn.rpc.Check;
import dev.cairn.rpc.error.CairnException;
import dev.cairn.rpc.error.ErrorCode;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * The first request of every mount, INIT: what kernel and filesystem want of each other. What is
 * asked for and what is not:
 *
 * <ul>
 *   <li>requests of up to 1 MiB (MAX_PAGES, BIG_WRITES), several at a time per file (ASYNC_READ,
 *       ASYNC_DIO) and per directory (PARALLEL_DIROPS);
 *   <li>O_TRUNC as part of OPEN, which saves a round trip (ATOMIC_O_TRUNC);
 *   <li>listings with attributes always, not when the kernel guesses (no READDIRPLUS_AUTO): a
 *       record more in a reply costs little, a LOOKUP for every name later costs a round trip each;
 *   <li>set-id bits cleared by the filesystem, which is told when (HANDLE_KILLPRIV_V2). Otherwise
 *       the kernel asks for an extended attribute before every write;
 *   <li>lookups by inode alone, for file handles (EXPORT_SUPPORT): every inode number is for ever;
 *   <li>mappings of files that are open for direct I/O, which is how appends are written whole
 *       (DIRECT_IO_ALLOW_MMAP, Linux 6.6);
 *   <li>the kernel applies the umask (no DONT_MASK), as there are no access lists;
 *   <li>no cache of symlinks' targets, which nothing would invalidate (CACHE_SYMLINKS), and no
 *       WRITEBACK_CACHE, with which the kernel ignores our sizes and times;
 *   <li>locks (POSIX_LOCKS, FLOCK_LOCKS) exactly where the filesystem shares them with other
 *       mounts.
 * </ul>
 */
final class Handshake {

  private static final int MAJOR = 7;

  /** The newest minor version we know; the kernel uses the lower of its and ours. */
  private static final int NEWEST_MINOR = 38;

  /** Linux 5.4: the first with all that is not a flag we can do without. */
  private static final int OLDEST_MINOR = 31;

  private static final int WANTED =
      InitFlag.ASYNC_READ
          | InitFlag.ASYNC_DIO
          | InitFlag.ATOMIC_O_TRUNC
          | InitFlag.BIG_WRITES
          | InitFlag.DO_READDIRPLUS
          | InitFlag.EXPORT_SUPPORT
          | InitFlag.HANDLE_KILLPRIV_V2
          | InitFlag.INIT_EXT
          | InitFlag.MAX_PAGES
          | InitFlag.PARALLEL_DIROPS;

  /** {@code FUSE_DIRECT_IO_ALLOW_MMAP} is bit 36 of the flags, so bit 4 of their second word. */
  private static final int WANTED2 = 1 << 4;

  /** Requests the kernel may have waiting that no process waits for: read-ahead, mostly. */
  private static final int MAX_BACKGROUND = 64;

  private static final int CONGESTION_THRESHOLD = 48;

  private Handshake() {}

  private static final int LOCKS = InitFlag.POSIX_LOCKS | InitFlag.FLOCK_LOCKS;

  /** Agrees with the kernel, or refuses it with a sentence. */
  static void accept(Request request, Reply reply, boolean sharesLocks) throws CairnException {
    int opcode = request.opcode();
    Check.that(opcode == Opcode.INIT, "the kernel began with operation %d", opcode);
    int major = request.intAt(InitIn.MAJOR);
    int minor = request.intAt(InitIn.MINOR);
    if (major != MAJOR || minor < OLDEST_MINOR) {
      reply.errno(Errno.EINVAL);
      throw ErrorCode.NOT_SUPPORTED.because(
          String.format(
              "this kernel speaks version %d.%d of FUSE's protocol; Cairn needs %d.%d (Linux 5.4)",
              major, minor, MAJOR, OLDEST_MINOR));
    }
    int readAhead = request.intAt(InitIn.MAX_READAHEAD);
    int flags = request.intAt(InitIn.FLAGS) & (sharesLocks ? WANTED | LOCKS : WANTED);
    boolean extended = (flags & InitFlag.INIT_EXT) != 0;
    int flags2 = extended ? request.intAt(InitIn.FLAGS2) & WANTED2 : 0;
    reply.answer(
        CompletableFuture.completedFuture(Math.min(minor, NEWEST_MINOR)),
        (version, body) -> put(version, readAhead, flags, flags2, body));
  }

  private static int put(int minor, int readAhead, int flags, int flags2, ByteBuffer body) {
    for (int i = 0; i < InitOut.SIZEOF; i += Long.BYTES) {
      body.putLong(i, 0);
    }
    body.putInt(InitOut.MAJOR, MAJOR);
    body.putInt(InitOut.MINOR, minor);
    body.putInt(InitOut.MAX_READAHEAD, readAhead);
    body.putInt(InitOut.FLAGS, flags);
    body.putShort(InitOut.MAX_BACKGROUND, (short) MAX_BACKGROUND);
    body.putShort(InitOut.CONGESTION_THRESHOLD, (short) CONGESTION_THRESHOLD);
    body.putInt(InitOut.MAX_WRITE, RequestBuffer.MAX_WRITE);
    body.putInt(InitOut.TIME_GRAN, 1);
    body.putShort(InitOut.MAX_PAGES, (short) (RequestBuffer.MAX_WRITE / Pages.SIZE));
    body.putInt(InitOut.FLAGS2, flags2);
    return InitOut.SIZEOF;
  }
}
