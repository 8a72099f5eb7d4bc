package dev.cairn.fuse.kernel;

import dev.cairn.rpc.Check;

/** All operations by their number. What is not here is answered ENOSYS. */
final class Operations {

  private static final int NUMBERS = 64;

  private final Operation[] byOpcode = new Operation[NUMBERS];

  void add(int opcode, Operation operation) {
    Check.that(byOpcode[opcode] == null, "operation %d is registered twice", opcode);
    byOpcode[opcode] = operation;
  }

  /** Serves the request; the boundary at which every exception becomes a reply. */
  void serve(Request request, Reply reply) {
    int opcode = request.opcode();
    Operation operation = opcode >= 0 && opcode < NUMBERS ? byOpcode[opcode] : null;
    if (operation == null) {
      reply.errno(Errno.ENOSYS);
      return;
    }
    try {
      operation.serve(request, reply);
    } catch (RuntimeException | Error e) {
      reply.fail(e);
    }
  }
}
