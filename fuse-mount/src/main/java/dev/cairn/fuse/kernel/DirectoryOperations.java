package dev.cairn.fuse.kernel;

import dev.cairn.client.vfs.Vfs;
import dev.cairn.fuse.kernel.KernelLayout.Dirent;
import dev.cairn.fuse.kernel.KernelLayout.Direntplus;
import dev.cairn.fuse.kernel.KernelLayout.FsyncIn;
import dev.cairn.fuse.kernel.KernelLayout.OpenOut;
import dev.cairn.fuse.kernel.KernelLayout.ReadIn;
import dev.cairn.fuse.kernel.KernelLayout.ReleaseIn;
import dev.cairn.fuse.kernel.KernelNumbers.Opcode;

/** Listing directories, with the attributes of what is in them (READDIRPLUS) or without. */
final class DirectoryOperations {

  /** What an entry with a name of some ten bytes takes. */
  private static final int USUAL_ENTRY = Dirent.SIZEOF + 16;

  private static final int USUAL_ENTRY_PLUS = Direntplus.SIZEOF + 16;

  private final Vfs vfs;
  private final DirectoryLayout layout;

  DirectoryOperations(Vfs vfs, AttributeLayout layout) {
    this.vfs = vfs;
    this.layout = new DirectoryLayout(layout);
  }

  void register(Operations operations) {
    operations.add(Opcode.OPENDIR, this::open);
    operations.add(Opcode.READDIR, (request, reply) -> read(request, reply, false));
    operations.add(Opcode.READDIRPLUS, (request, reply) -> read(request, reply, true));
    operations.add(Opcode.FSYNCDIR, this::fsync);
    operations.add(Opcode.RELEASEDIR, this::release);
  }

  private void open(Request request, Reply reply) {
    reply.answer(
        Opening.cancellable(vfs.openDirectory(request.node()), this::close),
        (handle, body) -> {
          body.putLong(OpenOut.FH, handle);
          body.putInt(OpenOut.OPEN_FLAGS, 0);
          body.putInt(OpenOut.PADDING, 0);
          return OpenOut.SIZEOF;
        });
  }

  private void read(Request request, Reply reply, boolean plus) {
    long handle = request.longAt(ReadIn.FH);
    long cookie = request.longAt(ReadIn.OFFSET);
    int size = Math.min(request.intAt(ReadIn.SIZE), ReplyBuffers.LONGEST);
    int mostEntries = size / (plus ? USUAL_ENTRY_PLUS : USUAL_ENTRY) + 1;
    reply.answerUpTo(
        size,
        body -> vfs.readDirectory(handle, cookie, mostEntries, plus),
        (listing, body) -> layout.put(listing, plus, body, size));
  }

  private void fsync(Request request, Reply reply) {
    reply.answerDone(vfs.fsyncDirectory(request.longAt(FsyncIn.FH)));
  }

  private void release(Request request, Reply reply) {
    reply.answerDone(vfs.releaseDirectory(request.longAt(ReleaseIn.FH)));
  }

  private void close(long handle) {
    // Nobody waits for it, and nobody could be told of an error.
    var unused = vfs.releaseDirectory(handle);
  }
}
