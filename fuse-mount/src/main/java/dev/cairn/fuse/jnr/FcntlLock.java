package dev.cairn.fuse.jnr;

import com.kenai.jffi.MemoryIO;
import dev.cairn.rpc.proto.FileLock;
import dev.cairn.rpc.proto.LockKind;
import dev.cairn.rpc.proto.LockMode;

/**
 * The members of {@code struct flock} (fcntl(2)) on 64-bit Linux:
 *
 * <pre>
 *    0  short l_type
 *    2  short l_whence (libfuse: always SEEK_SET)
 *    8  off_t l_start
 *   16  off_t l_len (0: to the end of the file, wherever that is)
 *   24  pid_t l_pid
 * </pre>
 */
final class FcntlLock {

  static final int TYPE = 0;
  static final int START = 8;
  static final int LENGTH = 16;
  static final int PID = 24;

  // fcntl(2); the same numbers on all architectures Java runs on.
  private static final short F_RDLCK = 0;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;

  private static final MemoryIO MEMORY = MemoryIO.getInstance();

  private FcntlLock() {}

  static FileLock read(long address, long owner) {
    long start = MEMORY.getLong(address + START);
    long length = MEMORY.getLong(address + LENGTH);
    return FileLock.newBuilder()
        .setKind(LockKind.BYTE_RANGE)
        .setMode(
            switch (MEMORY.getShort(address + TYPE)) {
              case F_RDLCK -> LockMode.SHARED;
              case F_WRLCK -> LockMode.EXCLUSIVE;
              default -> LockMode.UNLOCKED;
            })
        .setOwner(owner)
        .setStart(start)
        .setLast(length == 0 ? Long.MAX_VALUE : start + length - 1)
        .setPid(MEMORY.getInt(address + PID))
        .build();
  }

  static void write(long address, FileLock lock) {
    boolean toTheEnd = lock.getLast() == Long.MAX_VALUE;
    MEMORY.putShort(
        address + TYPE,
        switch (lock.getMode()) {
          case SHARED -> F_RDLCK;
          case EXCLUSIVE -> F_WRLCK;
          default -> F_UNLCK;
        });
    MEMORY.putLong(address + START, lock.getStart());
    MEMORY.putLong(address + LENGTH, toTheEnd ? 0 : lock.getLast() - lock.getStart() + 1);
    MEMORY.putInt(address + PID, lock.getPid());
  }
}
