package dev.cairn.fuse.jnr;

import com.kenai.jffi.MemoryIO;
import java.lang.ref.Reference;

/** A filesystem as libfuse has it: its channel to the kernel, and what dispatches requests. */
final class Session {

  private final LibFuse2 lib;
  private final Operations operations;
  private final long channel;
  private final long fuse;
  private final long session;
  private final int bufferBytes;

  Session(LibFuse2 lib, Operations operations, long channel, long fuse) {
    this.lib = lib;
    this.operations = operations;
    this.channel = channel;
    this.fuse = fuse;
    this.session = lib.fuse_get_session(fuse);
    this.bufferBytes = Math.toIntExact(lib.fuse_chan_bufsize(channel));
  }

  /** Receives a request; answers its length, 0 at the end, or a negated errno. */
  int receive(Request request, long channelPointer) {
    MemoryIO.getInstance().putAddress(channelPointer, channel);
    return lib.fuse_chan_recv(channelPointer, request.receiveBuffer(bufferBytes), bufferBytes);
  }

  void process(Request request, int length) {
    lib.fuse_session_process(session, request.receiveBuffer(bufferBytes), length, channel);
  }

  /** Makes the kernel ask again for the attributes of a file, not for its pages. */
  void forgetAttributes(long node) {
    // Refused where the kernel does not know the file any more, and that is as good.
    int unused = lib.fuse_lowlevel_notify_inval_inode(channel, node, -1, 0);
  }

  /** Makes the kernel drop all pages of a file, and its attributes. */
  void forgetContent(long node) {
    int unused = lib.fuse_lowlevel_notify_inval_inode(channel, node, 0, 0);
  }

  /** Frees everything; there must be no thread left that uses it. */
  void destroy() {
    try {
      lib.fuse_destroy(fuse);
    } finally {
      Reference.reachabilityFence(operations);
    }
  }
}
