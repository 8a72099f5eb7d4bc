"""What was asked, when, and what came of it: one line of JSON at an operation's begin, one at its end.

Lines are written by each worker to a file of its own, at once, so that a worker that hangs or dies
leaves what it had begun. Times are of the machine's monotonic clock, the same for all.
"""

import dataclasses
import errno
import json
import time

# Nothing was done, and the errno says why: part of the answer.
REFUSALS = {
    errno.EEXIST, errno.ENOENT, errno.ENOTEMPTY, errno.EISDIR, errno.ENOTDIR, errno.EAGAIN,
    errno.EBUSY, errno.ENODATA,
}  # fmt: skip
# The mount is not there (see cluster.Mount): nothing was asked.
AWAY = errno.ELOOP


@dataclasses.dataclass
class Operation:
    """One operation. outcome: ok, refused, away, error (perhaps done), or none when it never ended."""

    worker: str
    mount: str
    kind: str
    begin: float
    asked: dict
    end: float = float("inf")
    outcome: str = "none"
    errno: str = ""
    got: dict = dataclasses.field(default_factory=dict)

    @property
    def ok(self):
        return self.outcome == "ok"

    @property
    def perhaps(self):
        return self.outcome in ("error", "none")

    def __str__(self):
        span = f"{self.begin:.3f}-{self.end:.3f}"
        return f"{self.worker} on {self.mount} at {span}: {self.kind} {self.asked} {self.outcome} {self.errno}"


class Recorder:
    """Writes a worker's history."""

    def __init__(self, path):
        self.file = open(path, "a", buffering=1)

    def run(self, kind, action, **asked):
        """Does an operation between its two lines. Returns its outcome."""
        got = {}
        self._line({"begin": time.monotonic(), "kind": kind, "asked": asked})
        try:
            action(got)
            outcome, code = "ok", ""
        except OSError as error:
            code = errno.errorcode.get(error.errno, str(error.errno))
            outcome = "refused" if error.errno in REFUSALS else "error"
            outcome = "away" if error.errno == AWAY else outcome
        self._line({"end": time.monotonic(), "outcome": outcome, "errno": code, "got": got})
        return outcome

    def _line(self, fields):
        self.file.write(json.dumps(fields, separators=(",", ":")) + "\n")


class History:
    """The operations of all workers, in each worker's order."""

    def __init__(self, recordings):
        self.workers = []
        self.operations = []
        for recording in recordings:
            if not recording.verifies:
                self.workers.append(recording.worker)
            self.operations += read(recording)
        self.operations.sort(key=lambda operation: operation.begin)

    def of(self, *kinds):
        return [operation for operation in self.operations if operation.kind in kinds]

    def by(self, worker, *kinds):
        return [operation for operation in self.of(*kinds) if operation.worker == worker]


def each_of(operations, field):
    """The operations on each value of what they were asked."""
    each = {}
    for operation in operations:
        each.setdefault(operation.asked[field], []).append(operation)
    return each


@dataclasses.dataclass(frozen=True)
class Recording:
    """Where a worker's history is; `verifies` says that it only looked, after everything."""

    path: str
    worker: str
    mount: str
    verifies: bool = False


def read(recording):
    operations = []
    with open(recording.path) as lines:
        for line in lines:
            if not line.endswith("\n"):
                break  # A worker that was killed.
            fields = json.loads(line)
            if "begin" in fields:
                asked = fields["asked"]
                begun = (recording.worker, recording.mount, fields["kind"], fields["begin"], asked)
                operations.append(Operation(*begun))
            else:
                last = operations[-1]
                last.end, last.outcome = fields["end"], fields["outcome"]
                last.errno, last.got = fields["errno"], fields["got"]
    return operations
