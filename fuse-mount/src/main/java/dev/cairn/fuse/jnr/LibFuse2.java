package dev.cairn.fuse.jnr;

/**
 * The functions of libfuse 2 that are called, as fuse.h, fuse_lowlevel.h and fuse_common.h declare
 * them. Pointers are plain addresses. Public because jnr-ffi implements it in a package of its own.
 */
public interface LibFuse2 {

  /** Mounts; answers the channel, or 0 after having said why on the standard error. */
  long fuse_mount(long mountPoint, long arguments);

  /** Closes the channel; unmounts first where the filesystem is still mounted. */
  void fuse_unmount(long mountPoint, long channel);

  /** Frees the filesystem's object and closes its channel. */
  void fuse_destroy(long fuse);

  long fuse_get_session(long fuse);

  long fuse_chan_bufsize(long channel);

  /** Reads one request; answers its length, 0 when there will be no more, or a negated errno. */
  int fuse_chan_recv(long channelPointer, long buffer, long size);

  /** Runs the callbacks of one request and answers it. */
  void fuse_session_process(long session, long buffer, long length, long channel);

  /** Whether whoever waits for the request this thread is processing was sent a signal. */
  int fuse_interrupted();

  /**
   * Makes the kernel forget the inode's attributes, and its pages from the offset on unless that is
   * negative; a length of 0 means all of them.
   */
  int fuse_lowlevel_notify_inval_inode(long channel, long nodeId, long offset, long length);

  void fuse_opt_free_args(long arguments);
}
