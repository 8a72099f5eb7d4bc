"""Names: a directory for each worker, which it alone changes and all list; and names that all try to
make first.

Promised: every operation is atomic and done once, however often it was sent; what was acknowledged
is seen by every mount, at most a second later; of those who make one name exclusively, one succeeds.
"""

import os
import stat

NAMES = [f"n{i}" for i in range(8)]
TRUSTED_SECONDS = 1.0
SLOT_SECONDS = 2


class Names:
    """A worker's own directory, and a look at those of the others."""

    name = "names"

    def __init__(self, worker):
        self.worker = worker
        self.actions = (
            [self.create] * 3 + [self.rename] * 3 + [self.look] * 2 + [self.unlink] * 2
            + [self.mkdir, self.rmdir, self.list]
        )  # fmt: skip

    def path(self, name, number=None):
        number = self.worker.number if number is None else number
        return os.path.join(self.worker.root, "names", str(number), name)

    def step(self, rng):
        return rng.choice(self.actions)(rng)

    def create(self, rng):
        name = rng.choice(NAMES)

        def action(got):
            descriptor = os.open(self.path(name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
            try:
                got["inode"] = os.fstat(descriptor).st_ino
            finally:
                os.close(descriptor)

        return self.worker.record("create", action, name=name)

    def mkdir(self, rng):
        name = rng.choice(NAMES)
        return self.worker.record("mkdir", lambda got: os.mkdir(self.path(name)), name=name)

    def rename(self, rng):
        old, new = rng.sample(NAMES, 2)

        def action(got):
            os.rename(self.path(old), self.path(new))

        return self.worker.record("rename", action, name=old, to=new)

    def unlink(self, rng):
        name = rng.choice(NAMES)
        return self.worker.record("unlink", lambda got: os.unlink(self.path(name)), name=name)

    def rmdir(self, rng):
        name = rng.choice(NAMES)
        return self.worker.record("rmdir", lambda got: os.rmdir(self.path(name)), name=name)

    def look(self, rng):
        name = rng.choice(NAMES)

        def action(got):
            attributes = os.lstat(self.path(name))
            got["inode"] = attributes.st_ino
            got["directory"] = stat.S_ISDIR(attributes.st_mode)

        return self.worker.record("look", action, name=name)

    def list(self, rng):
        return self.list_of(rng.randrange(self.worker.workers))

    def list_of(self, number):
        def action(got):
            got["names"] = sorted(os.listdir(self.path("", number)))

        return self.worker.record("list", action, directory=number)

    def verify(self):
        for number in range(self.worker.workers):
            self.list_of(number)


class Firsts:
    """Names that every worker tries to make, each for a short while."""

    name = "firsts"

    def __init__(self, worker):
        self.worker = worker
        self.last = None

    def step(self, rng):
        slot = int((self.worker.now() - self.worker.epoch) / SLOT_SECONDS)
        if slot == self.last:
            return "ok"
        self.last = slot
        path = os.path.join(self.worker.root, "firsts", str(slot))

        def action(got):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))

        return self.worker.record("first", action, slot=slot)

    def verify(self):
        pass


class Wrong(Exception):
    """An operation would be answered by this errno."""


def after(state, operation):
    """The directory after an operation. A directory is {name: (is a directory, inode or None)}."""
    name, kind = operation.asked["name"], operation.kind
    entries = dict(state)
    there = entries.get(name)
    if kind in ("create", "mkdir"):
        if there:
            raise Wrong("EEXIST")
        entries[name] = (kind == "mkdir", operation.got.get("inode"))
    elif there is None:
        raise Wrong("ENOENT")
    elif kind == "unlink":
        if there[0]:
            raise Wrong("EISDIR")
        del entries[name]
    elif kind == "rmdir":
        if not there[0]:
            raise Wrong("ENOTDIR")
        del entries[name]
    elif kind == "rename":
        target = entries.get(operation.asked["to"])
        if target and target[0] != there[0]:
            raise Wrong("EISDIR" if target[0] else "ENOTDIR")
        del entries[name]
        entries[operation.asked["to"]] = there
    elif kind == "look" and operation.ok:
        seen = (operation.got["directory"], operation.got["inode"])
        if there[0] != seen[0] or there[1] not in (None, seen[1]):
            raise Wrong("another inode")
        entries[name] = seen
    return frozenset(entries.items())


class Directory:
    """All a directory may be, as far as its owner's operations tell, and when it may have been that."""

    def __init__(self, number, verdict):
        self.number, self.verdict = number, verdict
        self.states = {frozenset()}
        self.timeline = [(float("-inf"), self.states)]
        self.forgot_at = float("-inf")

    def take(self, operation):
        possible, answers = set(), set()
        if operation.outcome == "away":
            return
        if operation.perhaps:
            possible |= self.states
        for state in self.states:
            try:
                done = after(state, operation)
                if operation.outcome != "refused":
                    possible.add(done)
                answers.add("done")
            except Wrong as wrong:
                answers.add(str(wrong))
                if operation.errno == str(wrong):
                    possible.add(state)
        if not possible:
            self.verdict.violation(operation, f"expected {sorted(answers)} in {self.described()}")
            possible = {s for s in map(lambda s: forced(s, operation), self.states)}
        either = self.states | possible
        self.timeline.append((operation.begin, either))
        if self.forgot_at > operation.begin:
            self.timeline.append((self.forgot_at, either))
            self.timeline.sort(key=lambda entry: entry[0])
        self.timeline.append((operation.end, possible))
        self.states = possible

    def may_forget(self, fault):
        """The master lost its last moments: any state since then may be the one it has."""
        since = [states for begin, states in self.timeline if begin >= fault.forgets_since]
        before = [states for begin, states in self.timeline if begin < fault.forgets_since]
        self.states = set().union(before[-1], *since)
        self.timeline.append((fault.forgets_since, self.states))
        self.timeline.append((fault.forgets_until, self.states))
        self.timeline.sort(key=lambda entry: entry[0])
        self.forgot_at = fault.forgets_until

    def judge(self, listing):
        """Whether a listing holds all names that were there all the time, and none that never was."""
        begin, states = listing.begin - TRUSTED_SECONDS, set()
        for at, then in self.timeline:
            if at > listing.end:
                break
            states = set(then) if at <= begin else states | then
        seen = set(listing.got["names"])
        names = [{name for name, _ in state} for state in states]
        missing = set.intersection(*names) - seen
        surplus = seen - set.union(*names)
        if missing:
            self.verdict.lost_names(listing, missing)
        if surplus:
            self.verdict.violation(listing, f"names nobody made: {sorted(surplus)}")

    def described(self):
        return [dict(state) for state in self.states][:4]


def forced(state, operation):
    """Goes on from what was answered, however wrong, so that one fault is told once."""
    entries = dict(state)
    name = operation.asked["name"]
    if operation.errno == "ENOENT" or operation.ok and operation.kind in ("unlink", "rmdir"):
        entries.pop(name, None)
    elif operation.ok and operation.kind == "rename":
        entries[operation.asked["to"]] = entries.pop(name, (False, None))
    elif operation.ok:
        directory = operation.got.get("directory", operation.kind == "mkdir")
        entries[name] = (directory, operation.got.get("inode"))
    return frozenset(entries.items())


CHANGES = ("create", "mkdir", "rename", "unlink", "rmdir", "look")


class NamesCheck:
    """Follows each directory through its owner's operations; then looks at all listings."""

    def __init__(self, history, faults, verdict):
        self.directories = {}
        for number, worker in enumerate(history.workers):
            directory = self.directories[number] = Directory(number, verdict)
            forgetting = list(faults.forgetting)
            for operation in history.by(worker, *CHANGES):
                # What was answered after the cut was done on what was left.
                while forgetting and forgetting[0].forgets_until < operation.end:
                    directory.may_forget(forgetting.pop(0))
                directory.take(operation)
            for fault in forgetting:
                directory.may_forget(fault)
        for listing in history.of("list"):
            if listing.ok:
                self.directories[listing.asked["directory"]].judge(listing)


class FirstsCheck:
    """Looks for names that two made first, or that were there before anybody made them."""

    def __init__(self, history, faults, verdict):
        slots = {}
        for operation in history.of("first"):
            slots.setdefault(operation.asked["slot"], []).append(operation)
        for attempts in slots.values():
            winners = [a for a in attempts if a.ok and faults.lasting(a, float("inf"))]
            for second in winners[1:]:
                verdict.violation(second, f"also made by {winners[0]}")
            for loser in attempts:
                makers = [a for a in attempts if (a.ok or a.perhaps) and a.begin < loser.end]
                if loser.outcome == "refused" and not makers:
                    verdict.violation(loser, "it exists, and nobody has made it")
