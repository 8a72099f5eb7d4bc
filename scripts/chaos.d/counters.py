"""Counters under locks: lock, read, add one, write, unlock.

Promised: `flock` and `fcntl` locks hold across mounts, so that no two ever acknowledge the same number
and the counter is at the end what was counted; a holder that was paused or cut off cannot write.
"""

import fcntl
import os
import time

LOCKS = ("flock", "fcntl")
HELD_LONG = 0.1
HELD_SECONDS = (0.2, 3)


def lock_file(lock, descriptor, how):
    (fcntl.flock if lock == "flock" else fcntl.lockf)(descriptor, how)


class Counters:
    """One counter for each kind of lock, for all workers."""

    name = "counters"

    def __init__(self, worker):
        self.worker = worker

    def path(self, lock):
        return os.path.join(self.worker.root, "counters", lock)

    def step(self, rng):
        lock = rng.choice(LOCKS)
        held = rng.uniform(*HELD_SECONDS) if rng.random() < HELD_LONG else 0

        def action(got):
            descriptor = os.open(self.path(lock), os.O_RDWR | os.O_CREAT, 0o644)
            try:
                lock_file(lock, descriptor, fcntl.LOCK_EX)
                got["locked"] = self.worker.now()
                value = int(os.pread(descriptor, 20, 0) or b"0") + 1
                time.sleep(held)  # What comes now meets a holder.
                os.pwrite(descriptor, b"%d\n" % value, 0)
                os.fsync(descriptor)
                got["value"] = value
                got["unlocking"] = self.worker.now()
            finally:
                os.close(descriptor)

        return self.worker.record("count", action, lock=lock)

    def verify(self):
        for lock in LOCKS:

            def action(got, lock=lock):
                with open(self.path(lock), "rb") as file:
                    got["value"] = int(file.read() or b"0")

            self.worker.record("counter", action, lock=lock)


class CountersCheck:
    """Looks for numbers that two acknowledged, and for counts that are gone at the end."""

    def __init__(self, history, faults, verdict):
        for lock in LOCKS:
            counts = [c for c in history.of("count") if c.asked["lock"] == lock]
            seen = {}
            for count in counts:
                if count.ok and faults.lasting(count, float("inf")):
                    first = seen.setdefault(count.got["value"], count)
                    if first is not count:
                        verdict.violation(count, f"lost update: counted the same as {first}")
            most = sum(count.ok or count.perhaps for count in counts)
            for final in history.of("counter"):
                if final.ok and final.asked["lock"] == lock:
                    value = final.got["value"]
                    if not max(seen, default=0) <= value <= most:
                        verdict.violation(final, f"not within {max(seen, default=0)} to {most}")
