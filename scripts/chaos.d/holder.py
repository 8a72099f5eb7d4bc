"""Takes a lock and says so; then writes each line it is told: holder.py FILE flock|fcntl."""

import errno
import fcntl
import os
import sys

from counters import lock_file


def main():
    descriptor = os.open(sys.argv[1], os.O_RDWR)
    lock_file(sys.argv[2], descriptor, fcntl.LOCK_EX)
    print("locked", flush=True)
    for line in sys.stdin:
        try:
            os.pwrite(descriptor, line.strip().encode(), 0)
            os.fsync(descriptor)
            print("written", flush=True)
        except OSError as error:
            print("refused", errno.errorcode[error.errno], flush=True)


if __name__ == "__main__":
    main()
