"""Locks that workers of all mounts ask for at the same time, most of them without waiting.

Promised: `flock` and `fcntl` locks are exact across mounts. So the history of each lock is linearizable:
it is given to one who asks only when nobody has it, and refused only when somebody has. A lock ends
with its mount's session, which may be over when a mount was killed, paused or cut off.
"""

import dataclasses
import fcntl
import os
import time

from history import each_of
from linear import Call
from locks import LOCKS, lock_file

SLOT_SECONDS = 3
WAITS = 0.2
HELD_SECONDS = (0, 0.15)


class TryLocks:
    """A lock of each kind at a time, another one after some seconds, for all workers."""

    name = "trylocks"

    def __init__(self, worker):
        self.worker = worker
        self.asked = 0

    def step(self, rng):
        way = rng.choice(LOCKS)
        file = f"{way}-{int((self.worker.now() - self.worker.epoch) / SLOT_SECONDS)}"
        do = "wait" if rng.random() < WAITS else "try"
        self.asked += 1
        holder = f"{self.worker.number}-{self.asked}"
        with Descriptor(os.path.join(self.worker.root, "trylocks", file)) as descriptor:

            def take(got):
                descriptor.open()
                got["since"] = self.worker.now()
                lock_file(way, descriptor.number, fcntl.LOCK_EX | (fcntl.LOCK_NB if do == "try" else 0))

            outcome = self.worker.record("lock", take, file=file, do=do, holder=holder)
            if outcome != "ok":
                return outcome
            time.sleep(rng.uniform(*HELD_SECONDS))

            def give(got):
                got["since"] = self.worker.now()
                lock_file(way, descriptor.number, fcntl.LOCK_UN)

            return self.worker.record("lock", give, file=file, do="unlock", holder=holder)

    def verify(self):
        pass


class Descriptor:
    """A file that is opened when it is locked, and closed in any case."""

    def __init__(self, path):
        self.path, self.number = path, None

    def __enter__(self):
        return self

    def open(self):
        self.number = os.open(self.path, os.O_CREAT | os.O_RDWR, 0o644)

    def __exit__(self, *_):
        if self.number is not None:
            try:
                os.close(self.number)
            except OSError:
                pass  # Nothing was written; whether the lock is gone was said before.


@dataclasses.dataclass(frozen=True)
class Asked:
    """What a holder asked for: take (given or refused), or give back, which was perhaps done already."""

    do: str
    holder: str = ""
    lossy: bool = False


FREE = "free"


def step(state, asked):
    """Who holds a lock (or FREE) after an answer; None when the answer is wrong."""
    if asked.do == "take":
        return asked.holder if state == FREE else None
    if asked.do == "refused":
        return None if state == FREE else state
    if state == asked.holder:
        return FREE
    return state if asked.lossy else None


def calls_of(operations, faults):
    calls = []
    unlocks = {o.asked["holder"]: o for o in operations if o.asked["do"] == "unlock"}
    for operation in operations:
        holder, since = operation.asked["holder"], operation.got.get("since", operation.begin)
        if operation.outcome == "away" or operation.outcome != "none" and "since" not in operation.got:
            continue
        if operation.asked["do"] == "unlock":
            continue
        if operation.outcome == "refused":
            calls.append(Call(since, operation.end, Asked("refused", holder)))
            continue
        calls.append(Call(since, operation.end, Asked("take", holder), operation.perhaps))
        unlock = unlocks.get(holder)
        until = unlock.end if unlock else float("inf")
        lost = faults.sessions_lost(operation.mount, operation.begin, until)
        if unlock and unlock.ok:
            begin = unlock.got["since"]
            calls.append(Call(begin, unlock.end, Asked("give", holder, bool(lost))))
        elif unlock:
            calls.append(Call(unlock.begin, unlock.end, Asked("give", holder), perhaps=True))
        else:
            # It was not told that it has the lock, and closed the file.
            calls.append(Call(since, operation.end, Asked("give", holder), perhaps=True))
        if lost:
            begin = max(since, lost[0].begin)
            calls.append(Call(begin, float("inf"), Asked("give", holder), perhaps=True))
    return calls


class TryLocksCheck:
    """Searches an order for what was asked of each lock."""

    def __init__(self, history, faults, verdict):
        for file, operations in sorted(each_of(history.of("lock"), "file").items()):
            for operation in operations:
                if operation.outcome == "refused" and (
                    operation.asked["do"] != "try" or operation.errno != "EAGAIN"
                ):
                    verdict.violation(operation, "refused without reason")
            if faults.forgot(min(o.begin for o in operations), max(o.end for o in operations)):
                verdict.left_out += 1
            else:
                calls = calls_of(operations, faults)
                verdict.judge_order(f"the lock {file}", calls, FREE, step)
