package dev.cairn.fuse.kernel;

import dev.cairn.fuse.kernel.KernelLayout.InterruptIn;
import dev.cairn.fuse.kernel.KernelNumbers.Opcode;

/** What concerns the conversation with the kernel itself. INIT is {@link Handshake}'s. */
final class SessionOperations {

  private final Interruptions interruptions;

  SessionOperations(Interruptions interruptions) {
    this.interruptions = interruptions;
  }

  void register(Operations operations) {
    // Node ids are inode numbers, so there is nothing to forget; neither gets a reply.
    operations.add(Opcode.FORGET, (request, reply) -> reply.none());
    operations.add(Opcode.BATCH_FORGET, (request, reply) -> reply.none());
    operations.add(
        Opcode.INTERRUPT,
        (request, reply) -> interruptions.interrupt(request.longAt(InterruptIn.UNIQUE), reply));
    operations.add(Opcode.DESTROY, (request, reply) -> reply.errno(0));
  }
}
