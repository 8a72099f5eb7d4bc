"""What does the harm: a schedule that follows from the seed, and its execution.

Promised is that one chunk server of two that have a chunk may fail. So before another server is
harmed, every chunk must have all its replicas again, which has its time, too; after damage to files
all is scrubbed first, since damage can be known only when it is looked at.
"""

import random
import sys
import time

from quorum import kinds
from windows import Window

GAP_SECONDS = (1, 5)
DOUBLE = 0.25
# Of several masters, the one that leads at the time of the fault.
LEADER = "leader"
AT_THE_LEADER = 0.6
WHOLE_WITHIN = 120


def combinations(wanted, masters=1):
    """The kinds and roles that a list like kill,pause-mount means, as (kind, role)."""
    every = [(kind, role) for kind, fault in kinds(masters).items() for role in fault.roles]
    if not wanted:
        return every
    chosen = [(k, r) for k, r in every if k in wanted or f"{k}-{r}" in wanted]
    unknown = [w for w in wanted if not any(w in (k, f"{k}-{r}") for k, r in every)]
    if unknown:
        raise ValueError(f"there is no fault {unknown[0]}; there are: {', '.join(kinds(masters))}")
    return chosen


def schedule(seed, choices, counts):
    """Yields (seconds to wait, [(kind, victim), ...]) without end: each choice once, then again."""
    rng = random.Random(f"{seed}/schedule")
    while True:
        rest = rng.sample(choices, len(choices))
        while rest:
            steps = [rest.pop()]
            partner = next((c for c in rest if c[1] != steps[0][1]), None)
            if partner and rng.random() < DOUBLE:
                rest.remove(partner)
                steps.append(partner)
            yield rng.uniform(*GAP_SECONDS), [(k, victim(r, counts, rng)) for k, r in steps]


def victim(role, counts, rng):
    if role != "master":
        return f"{role}-{rng.randint(1, counts[role])}"
    if counts["master"] == 1:
        return "master"
    one = f"master-{rng.randint(1, counts['master'])}"
    return LEADER if rng.random() < AT_THE_LEADER else one


class Nemesis:
    """Carries out a schedule against a cluster."""

    def __init__(self, cluster, seed, choices):
        self.cluster = cluster
        self.rng = random.Random(f"{seed}/faults")
        self.kinds = kinds(len(cluster.masters))
        lacking = {kind: self.kinds[kind].missing(cluster) for kind, _ in choices}
        for kind, lack in lacking.items():
            if lack:
                print(f"chaos: no {kind} faults without {lack}", file=sys.stderr)
        counts = {
            "master": len(cluster.masters),
            "server": len(cluster.servers),
            "mount": len(cluster.mounts),
        }
        choices = [choice for choice in choices if not lacking[choice[0]]]
        self.steps = schedule(seed, choices, counts) if choices else iter(())
        self.windows = []
        self.last_server, self.damaged = None, False

    def run(self, until):
        """Does harm until that time; all faults have ended when it returns."""
        for gap, faults in self.steps:
            if time.monotonic() + gap >= until:
                break
            time.sleep(gap)
            for _, victim in faults:
                self.await_whole(victim)
            faults = [(kind, self.leader() if v == LEADER else v) for kind, v in faults]
            self.strike([self.kinds[kind](self.cluster, v, self.rng) for kind, v in faults])
        time.sleep(max(0, until - time.monotonic()))

    def leader(self):
        leader = self.cluster.leader()
        return (leader or self.rng.choice(self.cluster.masters)).name

    def await_whole(self, victim):
        """Waits until one may be harmed without the harm of another one of its role being left."""
        end = time.monotonic() + WHOLE_WITHIN
        while victim.startswith(("master", LEADER)) and not self.cluster.masters_follow():
            if time.monotonic() > end:
                raise RuntimeError(f"a master does not follow {WHOLE_WITHIN} s after a fault")
            time.sleep(0.5)
        if not victim.startswith("server") or victim == self.last_server:
            return
        while self.last_server and not (self.scrubbed() and self.cluster.is_whole()):
            if time.monotonic() > end:
                raise RuntimeError(f"not every chunk has its replicas {WHOLE_WITHIN} s after a fault")
            time.sleep(1)
        self.last_server = victim

    def scrubbed(self):
        self.damaged = self.damaged and not self.cluster.scrub()
        return not self.damaged

    def strike(self, faults):
        begun = []
        for fault in faults:
            self.damaged = self.damaged or fault.damages
            begin = time.monotonic()
            fault.begin()
            begun.append((begin, fault))
            self.tell(fault)
        for begin, fault in sorted(begun, key=lambda b: b[0] + b[1].hold):
            time.sleep(max(0, begin + fault.hold - time.monotonic()))
            fault.end()
        for begin, fault in begun:
            fault.await_end()
            self.windows.append(
                Window(
                    f"{self.name_of(fault)}-{fault.role}",
                    begin,
                    time.monotonic(),
                    fault.mounts,
                    fault.errors,
                    fault.forgets_since,
                    fault.forgets_until,
                    fault.delays,
                )
            )
        self.check_alive()

    def check_alive(self):
        for daemon in self.cluster.daemons.values():
            if daemon.died():
                raise RuntimeError(f"{daemon.name} ended by itself: {daemon.last_words()}")

    def name_of(self, fault):
        return next(name for name, kind in self.kinds.items() if kind is type(fault))

    def tell(self, fault):
        kind, at = self.name_of(fault), time.monotonic()
        print(f"{at:.1f} {kind} {fault.victim.name} {fault.hold:.1f} s {fault.note}", flush=True)
