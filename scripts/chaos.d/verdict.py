"""What the checks found, and the line that says it."""

import collections
import dataclasses

from linear import Undecided, search

# What an operation may take beside the time of the faults it met.
PATIENCE_SECONDS = 30


class Verdict:
    """Losses: what was acknowledged and is not there at the end. Violations: all else that is wrong."""

    def __init__(self, seed, verifying_since):
        self.seed, self.verifying_since = seed, verifying_since
        self.lost, self.violations = [], []
        self.bytes_checked = 0
        # Histories of names and locks for which an order was searched, and those a power cut undid.
        self.searched, self.left_out = 0, 0
        self.errors = collections.Counter()

    def violation(self, operation, text):
        self.violations.append(f"{text}: {operation}")

    def wrong_content(self, operation, text):
        final = operation.begin >= self.verifying_since
        (self.lost if final else self.violations).append(f"{text}: {operation}")

    def lost_names(self, listing, names):
        self.wrong_content(listing, f"names that are not listed: {sorted(names)}")

    def lost_records(self, append, records):
        text = f"records {records} are not in the log: {append}"
        if text not in self.lost:
            self.lost.append(text)

    def judge_order(self, what, calls, initial, step):
        """Whether a history is linearizable; else the order that led furthest."""
        self.searched += 1
        try:
            stuck = search(calls, initial, step)
        except Undecided as undecided:
            self.violations.append(f"it is not decided whether {what} is linearizable: {undecided}")
            return
        if stuck:
            last = "; ".join(told(call) for call in stuck.order[-6:])
            self.violations.append(
                f"{what} is not linearizable: after [{last}], which leaves {stuck.state!r},"
                f" this had been answered: {told(stuck.call)}"
            )

    def judge_outcomes(self, history, windows):
        """No error without an excuse, and nobody waits for ever."""
        for operation in history.operations:
            if operation.outcome == "error":
                self.errors[operation.errno] += 1
            if operation.outcome in ("error", "away") and not windows.excuse(operation):
                self.violation(operation, "an error nothing excuses")
            seconds = windows.untroubled(operation.begin, min(operation.end, 1e12))
            if seconds > PATIENCE_SECONDS:
                self.violation(operation, "it takes for ever")
        for operation in history.of(*EXPECTED):
            if operation.outcome == "refused" and operation.errno not in EXPECTED[operation.kind]:
                self.violation(operation, "refused without reason")

    @property
    def passed(self):
        return not self.lost and not self.violations


EXPECTED = {
    "append": (),
    "create": ("EEXIST",),
    "mkdir": ("EEXIST",),
    "first": ("EEXIST",),
    "list": (),
    "count": ("EBUSY",),
    "tidy": ("ENOENT",),
    "rivals": (),
}


def told(call):
    end = "?" if call.perhaps else f"{call.end:.3f}"
    fields = dataclasses.asdict(call.action)
    return f"{call.begin:.3f}-{end} {' '.join(f'{k}={v}' for k, v in fields.items())}"


def summary(outcome, verdict, history, windows):
    """The one line."""
    kinds = collections.Counter(window.name for window in windows.windows)
    faults = ", ".join(f"{name} {count}" for name, count in sorted(kinds.items())) or "none"
    errors = sum(verdict.errors.values())
    whole = "never" if outcome.whole_after is None else f"after {outcome.whole_after:.1f} s"
    return (
        f"chaos seed {outcome.seed}, {outcome.seconds} s: {len(history.operations)} operations"
        f" ({errors} told an error), faults: {faults};"
        f" {verdict.bytes_checked / 1e6:.1f} MB and {verdict.searched} histories checked,"
        f" lost {len(verdict.lost)},"
        f" violations {len(verdict.violations)}, fully replicated {whole}"
    )
