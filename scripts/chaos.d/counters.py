"""Counters under locks and leases: take it, read, add one, write, give it back.

Promised: `flock` and `fcntl` locks and leases hold across mounts, so that no two ever acknowledge the
same number and the counter is at the end what was counted; a holder that was paused or cut off cannot
write. A lease is a mount's: its workers take turns.
"""

import contextlib
import os
import time

from locks import WAYS, acquire, alone_on_machine

HELD_LONG = 0.1
HELD_SECONDS = (0.2, 3)


class Counters:
    """One counter for each way to have a file alone, for all workers."""

    name = "counters"

    def __init__(self, worker):
        self.worker = worker

    def path(self, lock):
        return os.path.join(self.worker.root, "counters", lock)

    def step(self, rng):
        way = rng.choice(WAYS)
        pause = rng.uniform(*HELD_SECONDS) if rng.random() < HELD_LONG else 0

        def action(got):
            held = acquire(way, self.path(way))
            try:
                got["locked"] = self.worker.now()
                value = int(os.pread(held.descriptor, 20, 0) or b"0") + 1
                time.sleep(pause)  # What comes now meets a holder.
                os.pwrite(held.descriptor, b"%d\n" % value, 0)
                os.fsync(held.descriptor)
                got["value"] = value
                got["unlocking"] = self.worker.now()
            finally:
                held.release()

        turn = alone_on_machine(self.worker.turns) if way == "lease" else contextlib.nullcontext()
        with turn:
            return self.worker.record("count", action, way=way)

    def verify(self):
        for way in WAYS:

            def action(got, way=way):
                with open(self.path(way), "rb") as file:
                    got["value"] = int(file.read() or b"0")

            self.worker.record("counter", action, way=way)


class CountersCheck:
    """Looks for numbers that two acknowledged, and for counts that are gone at the end."""

    def __init__(self, history, faults, verdict):
        for way in WAYS:
            counts = [c for c in history.of("count") if c.asked["way"] == way]
            seen = {}
            for count in counts:
                if count.ok and faults.lasting(count, float("inf")):
                    first = seen.setdefault(count.got["value"], count)
                    if first is not count:
                        verdict.violation(count, f"lost update: counted the same as {first}")
            most = sum(count.ok or count.perhaps for count in counts)
            for final in history.of("counter"):
                if final.ok and final.asked["way"] == way:
                    value = final.got["value"]
                    if not max(seen, default=0) <= value <= most:
                        verdict.violation(final, f"not within {max(seen, default=0)} to {most}")
