"""The kinds of trouble of a cluster with several masters.

Promised is that any minority of the masters may fail, whatever they were doing, without an error and
without a wait of more than seconds; that everybody waits, and nothing is lost, while a majority is
away; and that what was acknowledged is in the logs of a majority, which a power cut does not undo.
"""

import contextlib
import glob
import os
import shutil
import time

from askmasters import varint
from faults import KINDS, PAST_EVERY_TTL, SHORT, Fault, Fill, Flipped, Kill, Pause

FOLLOWS_WITHIN = 120
LOG_HEADER = b"RaftLog1"
CHECKSUM_BYTES = 4


class FillMaster(Fill):
    """The disk of a chunk server is full, of all, or of a master."""

    roles = ("server", "master")


class PowerCut(Kill):
    """A master is killed, and its disk is as after a power cut: its tables lack the last moments, and
    behind the end of its log is half of an entry that was being written."""

    roles = ("master",)
    holds = ((0, 3), SHORT)
    moments = 0.4

    def begin(self):
        tables = {table: os.path.getsize(table) for table in self.tables(self.victim)}
        time.sleep(self.moments)
        super().begin()
        self.cut(self.victim, tables)

    def cut(self, master, tables):
        """Cuts what is recovered from the log of all masters, and tears that."""
        for table in self.tables(master):
            size = os.path.getsize(table)
            os.truncate(table, self.rng.randint(min(size, tables.get(table, 0)), size))
        for log in self.logs(master):
            torn = tear(log, self.rng)
            self.note += f" {torn} bytes of an entry at {os.path.basename(log)}"

    def tables(self, master):
        return glob.glob(os.path.join(self.cluster.data(master.name), "tables", "*.log"))

    def logs(self, master):
        return glob.glob(
            os.path.join(self.cluster.data(master.name), "**", "log_inprogress_*"), recursive=True
        )


class Blackout(PowerCut):
    """A power cut of all masters at once."""

    @property
    def delays(self):
        return True

    def begin(self):
        masters = self.cluster.masters
        tables = {table: os.path.getsize(table) for m in masters for table in self.tables(m)}
        time.sleep(self.moments)
        for master in masters:
            master.kill()
        for master in masters:
            self.cut(master, tables)

    def end(self):
        for master in self.cluster.masters:
            master.launch()

    def await_end(self):
        for master in self.cluster.masters:
            master.until_ready()
        until_they_follow(self.cluster)


class Majority(Fault):
    """Two masters or more are killed or paused: all wait until they are back."""

    roles = ("master",)
    holds = (SHORT, PAST_EVERY_TTL)

    @property
    def delays(self):
        return True

    def begin(self):
        masters = self.cluster.masters
        others = [master for master in masters if master is not self.victim]
        least = len(masters) // 2
        self.victims = [self.victim, *self.rng.sample(others, self.rng.randint(least, len(others)))]
        self.way = self.rng.choice((Kill, Pause))
        self.note = f"{self.way.__name__.lower()} {'+'.join(v.name for v in self.victims)}"
        for victim in self.victims:
            victim.kill() if self.way is Kill else victim.pause()

    def end(self):
        for victim in self.victims:
            victim.launch() if self.way is Kill else victim.resume()

    def await_end(self):
        for victim in self.victims:
            victim.until_ready()
        until_they_follow(self.cluster)


class HandOver(Fault):
    """The leadership is handed over to the victim."""

    roles = ("master",)
    holds = ((0, 2),)

    def begin(self):
        self.note = "" if self.cluster.hand_over(self.victim) else "refused"


class Replaced(Kill):
    """A master's directory is gone, and an empty master comes in its place."""

    roles = ("master",)
    holds = ((0, 3), SHORT)

    def end(self):
        for entry in os.scandir(self.cluster.data(self.victim.name)):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry)
            else:
                os.unlink(entry)
        super().end()

    def await_end(self):
        super().await_end()
        until_they_follow(self.cluster)


class FlippedMaster(Flipped):
    """One byte in the tables' log of one of several masters is flipped, and put right later."""

    def begin(self):
        super().begin()
        self.mounts = ()


def until_they_follow(cluster):
    end = time.monotonic() + FOLLOWS_WITHIN
    while not cluster.masters_follow():
        if time.monotonic() > end:
            raise RuntimeError(f"the masters do not follow one of them after {FOLLOWS_WITHIN} s")
        time.sleep(0.5)


def tear(log, rng):
    """Puts the first part of a copy of the last entry behind the end of a log; how many bytes.

    A log is a header and then entries: a length as in Protocol Buffers, so many bytes, and a checksum;
    behind them are zeros. What is written and not forced has its length and not all of the rest.
    """
    with open(log, "r+b") as file:
        content = file.read()
        last, end = 0, len(LOG_HEADER)
        while end < len(content) and content[end]:
            last, (size, begin) = end, varint(content, end)
            end = begin + size + CHECKSUM_BYTES
        if not content.startswith(LOG_HEADER) or not last or end > len(content):
            return 0
        entry = content[last:end]
        part = entry[: rng.randint(1, len(entry) - CHECKSUM_BYTES - 1)]
        file.seek(end)
        file.write(part)
        if rng.random() < 0.5:
            with contextlib.suppress(OSError):
                file.truncate()
        return len(part)


SEVERAL = {
    "fill": FillMaster,
    "torn": PowerCut,
    "flipped": FlippedMaster,
    "blackout": Blackout,
    "majority": Majority,
    "handover": HandOver,
    "replaced": Replaced,
}


def kinds(masters):
    """The faults there are with so many masters, by name."""
    return {**KINDS, **SEVERAL} if masters > 1 else KINDS
