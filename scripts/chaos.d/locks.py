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
# A lease may be over, and another mount's, as soon as its session may.
LEASE_SAFE_SECONDS = 8


def lock_file(lock, descriptor, how):
    (fcntl.flock if lock == "flock" else fcntl.lockf)(descriptor, how)


def acquire(way, path):
    """Opens a file and has it alone. Who waits for a lease for too long is told EBUSY."""
    if way == "lease":
        return acquire_lease(path)
    descriptor = os.open(path, os.O_RDWR)
    lock_file(way, descriptor, fcntl.LOCK_EX)
    return Held(path, descriptor)


def acquire_lease(path):
    asked = take_lease(path)
    try:
        return Held(path, os.open(path, os.O_RDWR), asked)
    except OSError:
        give_lease_back(path, asked)
        raise


def take_lease(path):
    """Takes it, and returns when that was asked for."""
    end = time.monotonic() + LEASE_PATIENCE
    while True:
        try:
            asked = time.monotonic()
            os.setxattr(path, LEASE, LEASE_TERM)
            return asked
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > end:
                raise
            time.sleep(0.1)


def give_lease_back(path, asked):
    try:
        os.removexattr(path, LEASE)
    except OSError as error:
        over = error.errno == errno.ENODATA
        elsewhere = error.errno == errno.EPERM and time.monotonic() - asked > LEASE_SAFE_SECONDS
        if not over and not elsewhere:
            raise


class Held:
    """A file that one has to oneself."""

    def __init__(self, path, descriptor, lease_asked=None):
        self.path, self.descriptor, self.lease_asked = path, descriptor, lease_asked

    def release(self):
        """Closes the file: with that, locks are gone."""
        try:
            os.close(self.descriptor)
        finally:
            if self.lease_asked is not None:
                give_lease_back(self.path, self.lease_asked)


@contextlib.contextmanager
def alone_on_machine(path):
    """Whoever else asks for the same path on this machine waits."""
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
