"""A process that works in one mount until it is told to end: worker.py SETTINGS (JSON)."""

import json
import os
import random
import signal
import sys
import time

from appends import Appends
from counters import Counters
from files import Files
from history import Recorder
from names import Firsts, Names
from rivals import Rivals
from trylocks import TryLocks

PAUSE_SECONDS = 0.03
PAUSE_AFTER_ERROR = 0.3
WORKLOADS = {
    "alone": (Files, Names, Firsts, Appends, Counters),
    "against others": (Rivals, TryLocks),
    "verifies": (Files, Names, Firsts, Appends, Counters, Rivals, TryLocks),
}


class Worker:
    """What the workloads know of where they are."""

    def __init__(self, settings):
        self.seed, self.number = settings["seed"], settings["number"]
        self.workers, self.root = settings["workers"], settings["root"]
        self.epoch, self.turns = settings["epoch"], settings["turns"]
        self.record = Recorder(settings["history"]).run
        self.workloads = [workload(self) for workload in WORKLOADS[settings["works"]]]

    def now(self):
        return time.monotonic()

    def work(self, until):
        rng = random.Random(f"{self.seed}/worker/{self.number}")
        while not until():
            outcome = rng.choice(self.workloads).step(rng)
            time.sleep(PAUSE_AFTER_ERROR if outcome in ("error", "away") else PAUSE_SECONDS)

    def verify(self):
        for workload in self.workloads:
            workload.verify()


def main():
    settings = json.loads(sys.argv[1])
    ended = []
    signal.signal(signal.SIGTERM, lambda *_: ended.append(True))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o022)
    worker = Worker(settings)
    if settings["works"] == "verifies":
        worker.verify()
    else:
        worker.work(lambda: bool(ended))


if __name__ == "__main__":
    main()
