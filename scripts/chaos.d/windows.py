"""When which trouble was there, and what it excuses.

Not every error is a fault of the cluster: who is cut off for longer than a session lives is told
EIO, and should be. What no window here excuses is a violation.
"""

import dataclasses

# How long after a fault's end its errors may still come.
AFTERMATH_SECONDS = 10

# A mount tells an operation EIO when its patience with the master (5 minutes) is over.
MASTERLESS_SECONDS = 280


@dataclasses.dataclass(frozen=True)
class Window:
    """A fault from its begin to its end (when the victim is back and ready, if it was killed)."""

    name: str
    begin: float
    end: float
    # Errors on these mounts are no violation: all of them, or those named.
    mounts: tuple = ()
    errors: tuple = ()
    # What was acknowledged from then on, until then, may be gone, as after a power cut.
    forgets_since: float = None
    forgets_until: float = None
    # Operations may wait for its end.
    delays: bool = True

    def excuses(self, operation):
        return (
            operation.mount in self.mounts
            and (not self.errors or operation.errno in self.errors)
            and operation.begin < self.end + AFTERMATH_SECONDS
            and operation.end > self.begin
        )


class Windows:
    """All faults of a run."""

    def __init__(self, windows):
        self.windows = sorted(windows, key=lambda window: window.begin)
        self.forgetting = [w for w in self.windows if w.forgets_since is not None]

    def lasting(self, operation, at):
        """Whether an operation was acknowledged by then, and for good."""
        return (
            operation.ok
            and operation.end <= at
            and not any(w.forgets_since <= operation.end <= w.forgets_until for w in self.forgetting)
        )

    def half_forgotten(self, operation):
        """Whether an operation of several steps may have lost some of them, and gone on.

        What a step was answered in the last moments before the cut is gone even if it was forced.
        """
        return self.forgot(operation.begin, operation.end)

    def forgot(self, begin, end):
        """Whether a power cut within that time may have undone what was acknowledged."""
        return any(w.forgets_since <= end and begin <= w.forgets_until for w in self.forgetting)

    def sessions_lost(self, mount, begin, end):
        """The faults by which a mount may have lost its session within that time."""
        return [
            w
            for w in self.windows
            if mount in w.mounts
            and (not w.errors or "ESTALE" in w.errors)
            and w.begin < end
            and begin < w.end
        ]

    def excuse(self, operation):
        return any(window.excuses(operation) for window in self.windows) or (
            operation.errno == "EIO" and self.masterless(operation) >= MASTERLESS_SECONDS
        )

    def masterless(self, operation):
        """The seconds of an operation in which the master had a fault."""
        of_master = [w for w in self.windows if w.name.endswith("-master") and w.delays]
        begin, end = operation.begin, operation.end
        return end - begin - self._free_of(of_master, begin, end)

    def untroubled(self, begin, end):
        """The seconds of a time in which no fault was there that one may have to wait for."""
        return self._free_of([window for window in self.windows if window.delays], begin, end)

    @staticmethod
    def _free_of(windows, begin, end):
        seconds, at = 0.0, begin
        for window in windows:
            if window.end > at and window.begin < end:
                seconds += max(0.0, window.begin - at)
                at = max(at, window.end)
        return seconds + max(0.0, end - at)
