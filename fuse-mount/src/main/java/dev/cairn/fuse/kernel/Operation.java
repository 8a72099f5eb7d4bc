package dev.cairn.fuse.kernel;

/**
 * Serves one kind of request: reads the arguments, starts the work and hands its future to the
 * reply, without waiting.
 */
interface Operation {
  void serve(Request request, Reply reply);
}
