"""Has a file alone and says so; then writes each line it is told: holder.py FILE flock|fcntl|lease."""

import errno
import os
import sys

from locks import acquire


def main():
    held = acquire(sys.argv[2], sys.argv[1])
    print("locked", flush=True)
    for line in sys.stdin:
        try:
            os.pwrite(held.descriptor, line.strip().encode(), 0)
            os.fsync(held.descriptor)
            print("written", flush=True)
        except OSError as error:
            print("refused", errno.errorcode[error.errno], flush=True)


if __name__ == "__main__":
    main()
