package dev.cairn.fuse.kernel;

import dev.cairn.fuse.Results;
import dev.cairn.fuse.kernel.KernelNumbers.Opcode;
import dev.cairn.rpc.metrics.Operation;
import dev.cairn.rpc.metrics.Operations;

/** Measures the kernel's requests by their opcode, each from its arrival to its reply. */
final class OpcodeMeters {

  private static final int NUMBERS = 64;

  private final Operations operations = new Operations(Results::name);
  private final Operation[] byOpcode = new Operation[NUMBERS];
  private final Operation others = operations.named("other");

  OpcodeMeters() {
    for (int opcode = 0; opcode < NUMBERS; opcode++) {
      byOpcode[opcode] = operations.named(name(opcode));
    }
  }

  /** What was measured, under the names that the portable binding uses, too. */
  Operations operations() {
    return operations;
  }

  /** A request that has begun. */
  record Request(Operation operation, long beganNanos) {

    /** It has got its reply: an error number, or 0. */
    void ended(int errno) {
      operation.ended(beganNanos, errno);
    }
  }

  /** A request of the kernel has come. */
  Request begin(int opcode) {
    Operation operation = opcode >= 0 && opcode < NUMBERS ? byOpcode[opcode] : others;
    return new Request(operation, operation.begin());
  }

  private static String name(int opcode) {
    return switch (opcode) {
      case Opcode.LOOKUP -> "lookup";
      case Opcode.FORGET, Opcode.BATCH_FORGET -> "forget";
      case Opcode.GETATTR -> "getattr";
      case Opcode.SETATTR -> "setattr";
      case Opcode.READLINK -> "readlink";
      case Opcode.SYMLINK -> "symlink";
      case Opcode.MKNOD -> "mknod";
      case Opcode.MKDIR -> "mkdir";
      case Opcode.UNLINK -> "unlink";
      case Opcode.RMDIR -> "rmdir";
      case Opcode.RENAME, Opcode.RENAME2 -> "rename";
      case Opcode.LINK -> "link";
      case Opcode.OPEN -> "open";
      case Opcode.READ -> "read";
      case Opcode.WRITE -> "write";
      case Opcode.STATFS -> "statfs";
      case Opcode.RELEASE -> "release";
      case Opcode.FSYNC -> "fsync";
      case Opcode.SETXATTR -> "setxattr";
      case Opcode.GETXATTR -> "getxattr";
      case Opcode.LISTXATTR -> "listxattr";
      case Opcode.REMOVEXATTR -> "removexattr";
      case Opcode.FLUSH -> "flush";
      case Opcode.INIT -> "init";
      case Opcode.OPENDIR -> "opendir";
      case Opcode.READDIR, Opcode.READDIRPLUS -> "readdir";
      case Opcode.RELEASEDIR -> "releasedir";
      case Opcode.FSYNCDIR -> "fsyncdir";
      case Opcode.GETLK, Opcode.SETLK -> "lock";
      // It waits for others as long as they like.
      case Opcode.SETLKW -> "lock_wait";
      case Opcode.CREATE, Opcode.TMPFILE -> "create";
      case Opcode.INTERRUPT -> "interrupt";
      case Opcode.DESTROY -> "destroy";
      case Opcode.FALLOCATE -> "fallocate";
      case Opcode.LSEEK -> "lseek";
      case Opcode.COPY_FILE_RANGE -> "copy_file_range";
      case StatxLayout.OPCODE -> "statx";
      default -> "other";
    };
  }
}
