"""Names that workers of all mounts make, replace, take away and look at, all at the same time.

Promised: operations on a name are atomic, and all see them in one order. So the history of each name
is linearizable, with one exception: for a second a mount may go on to show a name it has looked at. It
does not remember that a name was not there, and what changes a name is always the master's decision.
"""

import dataclasses
import errno
import os

from history import each_of
from linear import Call

SLOT_SECONDS = 3
NAMES_PER_SLOT = 2
DIRECTORIES = 3
TRUSTED_SECONDS = 1.0
LOOKS_AGAIN = 4
OWN = "own"
CHANGES = ("create", "link", "put", "take", "unlink")
# How a name's being there, or not, is told.
REFUSED = {
    "create": "EEXIST", "link": "EEXIST", "put": "", "take": "ENOENT", "unlink": "ENOENT",
    "look": "ENOENT", "read": "ENOENT",
}  # fmt: skip


class Rivals:
    """A few names at a time, which each change after some seconds, for all workers."""

    name = "rivals"

    def __init__(self, worker):
        self.worker = worker
        self.files = 0
        self.actions = [self.create, self.link, self.put, self.take, self.unlink, self.look, self.read]

    def step(self, rng):
        slot = int((self.worker.now() - self.worker.epoch) / SLOT_SECONDS)
        return rng.choice(self.actions)(f"{slot % DIRECTORIES}/{slot}-{rng.randrange(NAMES_PER_SLOT)}")

    def path(self, name):
        return os.path.join(self.worker.root, "rivals", name)

    def own(self):
        """A name that nobody else uses, ever."""
        self.files += 1
        return f"{OWN}/{self.worker.number}-{self.files}"

    def record(self, action, name, do, **asked):
        return self.worker.record("name", action, name=name, do=do, **asked)

    def create(self, name):
        def action(got):
            got["since"] = self.worker.now()
            descriptor = os.open(self.path(name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
            try:
                got["inode"] = os.fstat(descriptor).st_ino
            finally:
                os.close(descriptor)

        return self.record(action, name, "create")

    def link(self, name):
        return self.move_in(name, "link", os.link)

    def put(self, name):
        return self.move_in(name, "put", os.rename)

    def move_in(self, name, do, move):
        """Gives the name to a file that was written under another one."""
        new = self.own()

        def action(got):
            with open(self.path(new), "xb", buffering=0) as file:
                file.write(new.encode())
                got["inode"] = os.fstat(file.fileno()).st_ino
            got["since"] = self.worker.now()
            move(self.path(new), self.path(name))

        outcome = self.record(action, name, do, content=new)
        if do == "link" or outcome != "ok":
            self.tidy(new)
        return outcome

    def take(self, name):
        """Moves the file away: of those who try that at once, one gets it."""
        place = self.own()

        def action(got):
            got["since"] = self.worker.now()
            os.rename(self.path(name), self.path(place))

        outcome = self.record(action, name, "take")
        if outcome != "refused":
            self.tidy(place)
        return outcome

    def tidy(self, name):
        self.worker.record("tidy", lambda got: os.unlink(self.path(name)), name=name)

    def unlink(self, name):
        def action(got):
            got["since"] = self.worker.now()
            os.unlink(self.path(name))

        return self.record(action, name, "unlink")

    def look(self, name):
        def action(got):
            got["since"] = self.worker.now()
            got["inode"] = until_there(lambda: os.lstat(self.path(name))).st_ino

        return self.record(action, name, "look")

    def read(self, name):
        def action(got):
            got["since"] = self.worker.now()
            with until_there(lambda: open(self.path(name), "rb", buffering=0)) as file:
                got["inode"] = os.fstat(file.fileno()).st_ino
                got["content"] = file.read(100).decode(errors="replace")

        return self.record(action, name, "read")

    def verify(self):
        for directory in map(str, range(DIRECTORIES)):
            names = []

            def action(got, directory=directory, names=names):
                names += sorted(os.listdir(self.path(directory)))
                got["names"] = [f"{directory}/{name}" for name in names]

            self.worker.record("rivals", action, directory=directory)
            for name in names:
                self.read(f"{directory}/{name}")


def until_there(look):
    """Looks again when the file is gone that had the name: the kernel itself does that only once."""
    for _ in range(LOOKS_AGAIN):
        try:
            return look()
        except OSError as error:
            if error.errno != errno.ESTALE:
                raise
    return look()


@dataclasses.dataclass(frozen=True)
class Answer:
    """What was done to a name, and what came of it: done, or refused because it was there or was not.

    `inode` is of the file that was given the name or seen there; None where that is not known.
    """

    do: str
    there: bool = True
    inode: object = None
    refused: bool = False


ABSENT = "absent"


def step(state, answer):
    """A name's file (or ABSENT) after an answer; None when the answer is wrong."""
    there = state != ABSENT
    if answer.do == "look":
        if not answer.there:
            return None if there else state
        return seen(state, answer.inode) if there else None
    if answer.refused:
        return state if there == answer.there else None
    if answer.do == "put":
        return answer.inode
    if answer.do in ("create", "link"):
        return None if there else answer.inode
    return ABSENT if there else None


def seen(state, inode):
    """A file whose number its maker was not told gets it from the first who sees it."""
    return inode if state == inode or isinstance(state, str) else None


def judged(operation, number):
    """What an operation means for its name; None when it did not come to that."""
    do, got, inode = operation.asked["do"], operation.got, operation.got.get("inode")
    if operation.outcome == "away" or operation.outcome != "none" and "since" not in got:
        return None
    if do in ("look", "read"):
        known = operation.ok or operation.outcome == "refused"
        return Answer("look", operation.ok, inode) if known else None
    if operation.outcome == "refused":
        return Answer(do, there=operation.errno == "EEXIST", refused=True)
    return Answer(do, inode=inode or f"unknown-{number}")


class NameHistory:
    """What was done to one name."""

    def __init__(self, operations, looks_at_the_end):
        self.operations, self.looks_at_the_end = operations, looks_at_the_end

    def calls(self):
        calls = []
        for number, operation in enumerate(self.operations):
            answer = judged(operation, number)
            if answer:
                end, perhaps = operation.end, operation.perhaps
                calls.append(Call(self.since(operation, answer), end, answer, perhaps))
        return calls + self.looks_at_the_end

    def since(self, operation, answer):
        """When it may have been as answered at the earliest.

        A mount that asked the master within the last second may remember that answer, which was right
        at some time since it was asked for. The mount knows its own changes, which the master made at
        some time since they were asked for, too.
        """
        since = operation.got.get("since", operation.begin)
        if not (answer.do == "look" or answer.refused) or not answer.there:
            return since
        here = [o for o in self.operations if o.mount == operation.mount and o is not operation]
        earlier = [o.begin for o in here if o.begin < since <= o.end + TRUSTED_SECONDS]
        own = [o.begin for o in here if o.ok and o.asked["do"] in CHANGES and o.end <= since]
        return max([min([since, *earlier]), *own])


class RivalsCheck:
    """Searches an order for the operations on each name."""

    def __init__(self, history, faults, verdict):
        contents = {
            operation.got["inode"]: operation.asked.get("content", "")
            for operation in history.of("name")
            if operation.asked["do"] in CHANGES and "inode" in operation.got
        }
        listings = [listing for listing in history.of("rivals") if listing.ok]
        for name, operations in sorted(each_of(history.of("name"), "name").items()):
            worked = [o for o in operations if o.begin < verdict.verifying_since]
            if worked and faults.forgot(min(o.begin for o in worked), max(o.end for o in worked)):
                verdict.left_out += 1
                continue
            for operation in operations:
                if operation.outcome == "refused" and operation.errno != REFUSED[operation.asked["do"]]:
                    verdict.violation(operation, "refused without reason")
                content = operation.got.get("content")
                if content not in (None, contents.get(operation.got.get("inode"), content)):
                    verdict.wrong_content(operation, f"another file's content, {content!r}")
            gone = [
                Call(listing.begin, listing.end, Answer("look", there=False))
                for listing in listings
                if name.startswith(listing.asked["directory"] + "/") and name not in listing.got["names"]
            ]
            verdict.judge_order(f"the name {name}", NameHistory(operations, gone).calls(), ABSENT, step)
