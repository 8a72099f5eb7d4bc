"""Guests that nobody asked for: hostile.py HOST PORT SEED. Runs until it is killed.

At most so many connections are open at a time, so that the machine of the test lives.
"""

import contextlib
import random
import socket
import struct
import sys
import time

MOST = 600
PAUSE_SECONDS = 0.002


def words(rng):
    """What one guest says first."""
    return rng.choice((
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        # A frame of the data port that announces the largest header there may be, and half a header.
        struct.pack(">III", 0x43524E31, 256 << 10, 0),
        struct.pack(">III", 0x43524E31, 0xFFFFFFFF, 0xFFFFFFFF),
        rng.randbytes(rng.randrange(1, 64)),
        rng.randbytes(4096),
    ))  # fmt: skip


def main(host, port, seed):
    rng = random.Random(seed)
    guests = []
    while True:
        with contextlib.suppress(OSError):
            guest = socket.create_connection((host, port), timeout=2)
            guest.setblocking(False)
            guests.append(guest)
            guest.send(words(rng))
        if len(guests) >= MOST:
            guests.pop(rng.randrange(len(guests))).close()
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
