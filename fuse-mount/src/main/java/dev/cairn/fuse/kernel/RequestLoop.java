package dev.cairn.fuse.kernel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that reads requests and has them served, until the filesystem is no longer mounted. */
final class RequestLoop implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(RequestLoop.class);

  private final Device device;
  private final Operations operations;
  private final RequestBuffers requestBuffers;
  private final ReplyBuffers replyBuffers;
  private final Interruptions interruptions;
  private final OpcodeMeters meters;

  RequestLoop(
      Device device,
      Operations operations,
      RequestBuffers requestBuffers,
      ReplyBuffers replyBuffers,
      Interruptions interruptions,
      OpcodeMeters meters) {
    this.device = device;
    this.operations = operations;
    this.requestBuffers = requestBuffers;
    this.replyBuffers = replyBuffers;
    this.interruptions = interruptions;
    this.meters = meters;
  }

  @Override
  public void run() {
    RequestBuffer buffer = requestBuffers.take();
    while (true) {
      int length = device.read(buffer);
      if (length < 0 && isEnd(-length)) {
        break;
      }
      if (length >= 0) {
        Request request = new Request(buffer, length);
        operations.serve(request, new Reply(device, replyBuffers, interruptions, request, meters));
      }
      if (!buffer.isFree()) {
        buffer.release();
        buffer = requestBuffers.take();
      }
    }
    buffer.release();
  }

  private static boolean isEnd(int errno) {
    return switch (errno) {
      // ENOENT: the caller was killed before the request was read. Nothing to do but go on.
      case Errno.ENOENT, Errno.EINTR, Errno.EAGAIN -> false;
      case Errno.ENODEV, Errno.ECONNABORTED -> true;
      default -> {
        LOG.error("cannot read requests from {}: {}", Device.PATH, Errno.name(errno));
        yield true;
      }
    };
  }
}
