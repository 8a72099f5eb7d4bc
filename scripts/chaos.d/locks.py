"""The ways to have a file to oneself: flock(2), fcntl(2), and a lease.

A lease is a mount's, and not a process's, and is refused instead of waited for.
"""

import contextlib
import errno
import fcntl
import os
import time

LOCKS = ("flock", "fcntl")
WAYS = (*LOCKS, "lease")
LEASE = "user.cairn.lease"
LEASE_TERM = b"10s"
LEASE_PATIENCE = 25


def lock_file(lock, descriptor, how):
    (fcntl.flock if lock == "flock" else fcntl.lockf)(descriptor, how)


def acquire(way, path):
    """Opens a file and has it alone. Who waits for a lease for too long is told EBUSY."""
    if way != "lease":
        descriptor = os.open(path, os.O_RDWR)
        lock_file(way, descriptor, fcntl.LOCK_EX)
        return descriptor
    take_lease(path)
    try:
        return os.open(path, os.O_RDWR)
    except OSError:
        give_lease_back(path)
        raise


def take_lease(path):
    end = time.monotonic() + LEASE_PATIENCE
    while True:
        try:
            return os.setxattr(path, LEASE, LEASE_TERM)
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > end:
                raise
            time.sleep(0.1)


def give_lease_back(path):
    try:
        os.removexattr(path, LEASE)
    except OSError as error:
        if error.errno != errno.ENODATA:  # It is over already.
            raise


def release(way, path, descriptor):
    """Closes the file: with that, locks are gone."""
    try:
        os.close(descriptor)
    finally:
        if way == "lease":
            give_lease_back(path)


@contextlib.contextmanager
def alone_on_machine(path):
    """Whoever else asks for the same path on this machine waits."""
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
