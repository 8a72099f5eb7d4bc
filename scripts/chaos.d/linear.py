"""Whether operations that overlapped could have been done one after the other.

A history is linearizable when each operation can be given one moment between its begin and its end,
so that all answers are right in the order of these moments. This is the search of Wing and Gong, which
tries the orders depth first, with Lowe's memory: the same operations done, with the same state left,
are not tried twice. A history of many objects is linearizable when that of each object is, so callers
search one object at a time and keep each history short.
"""

import dataclasses
from typing import Callable, Hashable

MOST_STEPS = 500_000


@dataclasses.dataclass(frozen=True)
class Call:
    """One operation. `perhaps` says that nobody was told its end: it was done at any time from its
    begin on, or never."""

    begin: float
    end: float
    action: object
    perhaps: bool = False


@dataclasses.dataclass(frozen=True)
class Stuck:
    """Why there is no order: the longest one that was found, the state after it, and the call that had
    ended by then although the state does not allow its answer."""

    order: list
    state: Hashable
    call: Call


class Undecided(Exception):
    """The search took too many steps."""


class Entry:
    """A begin (`match` is the end, or None) or an end (`match` is None) in a list by time."""

    def __init__(self, number, call, begins):
        self.number, self.call, self.begins = number, call, begins
        self.match = self.before = self.after = None

    def lift(self):
        """Takes a begin and its end out of the list."""
        for entry in (self, self.match):
            if entry:
                entry.before.after = entry.after
                if entry.after:
                    entry.after.before = entry.before

    def put_back(self):
        for entry in (self.match, self):
            if entry:
                entry.before.after = entry
                if entry.after:
                    entry.after.before = entry


def listed(calls):
    """The head of a list of all begins and ends. What begins when another ends overlaps with it."""
    moments = []
    for number, call in enumerate(calls):
        begin = Entry(number, call, True)
        moments.append((call.begin, 0, number, begin))
        if not call.perhaps:
            begin.match = Entry(number, call, False)
            moments.append((call.end, 1, number, begin.match))
    head = last = Entry(-1, None, True)
    for *_, entry in sorted(moments, key=lambda moment: moment[:3]):
        last.after, entry.before = entry, last
        last = entry
    return head


def search(calls: list, state: Hashable, step: Callable, most_steps: int = MOST_STEPS):
    """None when the history is linearizable, else what it is stuck at.

    `step(state, action)` is the state after an action that was answered as it says, or None when that
    answer is wrong.
    """
    head = listed(calls)
    done, left = 0, sum(not call.perhaps for call in calls)
    tried, order = set(), []
    furthest = Stuck([], state, None)
    entry, steps = head.after, 0
    while left:
        steps += 1
        if steps > most_steps:
            raise Undecided(f"{len(calls)} operations, {most_steps} steps")
        if entry.begins:
            after = step(state, entry.call.action)
            bit = 1 << entry.number
            # What was perhaps done and changes nothing need not have been.
            if after is None or entry.call.perhaps and after == state or (done | bit, after) in tried:
                entry = entry.after
                continue
            tried.add((done | bit, after))
            # An answer that fits the state and leaves it as it is can be taken here: whatever order
            # there is from here on, it is one with this answer first, too.
            order.append((entry, state, after == state))
            state, done, left = after, done | bit, left - (not entry.call.perhaps)
            entry.lift()
            entry = head.after
            continue
        if furthest.call is None or len(order) > len(furthest.order):
            furthest = Stuck([taken.call for taken, *_ in order], state, entry.call)
        only = True
        while only:
            if not order:
                return furthest
            entry, state, only = order.pop()
            done, left = done ^ 1 << entry.number, left + (not entry.call.perhaps)
            entry.put_back()
        entry = entry.after
    return None
