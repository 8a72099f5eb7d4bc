"""What applications notice when the leading master goes: chaos --show failover.

Threads in two mounts create files, as the benchmark does, and others append and sync, while the leader
is killed, paused, cut off, or hands over: --faults chooses among these, and --times says how often.
Every file is read through another mount, compared and removed some files later, so that the disks do
not fill. A pause is the longest time that any operation took from the moment of the harm on.
"""

import contextlib
import multiprocessing
import os
import statistics
import threading
import time

from promise import require

CREATORS, SYNCERS = 4, 1
FILE_BYTES = 4096
KEPT = 100
RECORD = 512
STOPPED_SECONDS = 20
CUT_SECONDS = 20
SETTLES_WITHIN = 180
# Nothing else runs in the seconds in which a pause is measured.
UNDISTURBED_SECONDS = 5


class Application:
    """One thread. It notes operations that took longer than a tenth of a second, and all errors."""

    SLOW = 0.1

    def __init__(self, own, other, name):
        self.own, self.other, self.name = own, other, name
        self.slow, self.errors, self.lost, self.done = [], [], [], 0

    def run(self, ending):
        number = 0
        while not ending.is_set():
            begin = time.monotonic()
            try:
                self.step(number)
                self.done += 1
            except OSError as error:
                self.errors.append(f"{self.name} {number}: {error}")
            end = time.monotonic()
            if end - begin > self.SLOW:
                self.slow.append((begin, end))
            number += 1
        self.check_all(number)

    def note(self):
        return {"slow": self.slow, "errors": self.errors, "lost": self.lost, "done": self.done}


class Creator(Application):
    """Makes files of 4 KiB."""

    def content(self, number):
        return f"{self.name}/{number}.".encode().ljust(FILE_BYTES, b"x")

    def step(self, number):
        with open(os.path.join(self.own, f"{self.name}.{number}"), "xb", buffering=0) as file:
            file.write(self.content(number))
        if number >= KEPT:
            self.check(number - KEPT)

    def check(self, number):
        name = f"{self.name}.{number}"
        try:
            with open(os.path.join(self.other, name), "rb") as file:
                if file.read() != self.content(number):
                    self.lost.append(f"{name} has another content")
        except FileNotFoundError:
            self.lost.append(f"{name} is gone")
        os.unlink(os.path.join(self.own, name))

    def check_all(self, count):
        for number in range(max(0, count - KEPT), count):
            with contextlib.suppress(FileNotFoundError):
                self.check(number)


class Syncer(Application):
    """Appends records to a log and syncs each."""

    def record(self, number):
        return f"{self.name}/{number}".encode().ljust(RECORD - 1) + b"\n"

    def step(self, number):
        log = os.path.join(self.own, f"{self.name}.{number // KEPT}")
        with open(log, "ab", buffering=0) as file:
            file.write(self.record(number))
            os.fsync(file.fileno())

    def check_all(self, count):
        for log in range((count + KEPT - 1) // KEPT):
            numbers = range(log * KEPT, min(count, (log + 1) * KEPT))
            with open(os.path.join(self.other, f"{self.name}.{log}"), "rb") as file:
                if file.read() != b"".join(self.record(number) for number in numbers):
                    self.lost.append(f"log {self.name}.{log} has another content")


def work(own, other, mount, ending, notes):
    """A process with the threads of one mount."""
    applications = [Creator(own, other, f"create-{mount}-{i}") for i in range(CREATORS)]
    applications += [Syncer(own, other, f"sync-{mount}-{i}") for i in range(SYNCERS)]
    threads = [threading.Thread(target=each.run, args=(ending,)) for each in applications]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    notes.put([each.note() for each in applications])


class Applications:
    """All that work while a master is harmed."""

    def __init__(self, cluster, name):
        self.ending, self.notes = multiprocessing.Event(), multiprocessing.Queue()
        roots = [os.path.join(mount.root, name) for mount in cluster.mounts]
        os.mkdir(roots[0])
        os.setxattr(roots[0], "user.cairn.trash", b"0")
        self.processes = [
            multiprocessing.Process(
                target=work,
                args=(roots[i], roots[-1], cluster.mounts[i].name, self.ending, self.notes),
                daemon=True,  # When a scene breaks off, nobody waits for them.
            )
            for i in range(2)
        ]
        for process in self.processes:
            process.start()

    def end(self):
        """The notes of all threads."""
        self.ending.set()
        notes = [self.notes.get(timeout=SETTLES_WITHIN) for _ in self.processes]
        for process in self.processes:
            process.join()
        return [note for each in notes for note in each]


def pauses(harms, notes):
    """The pause after each harm, up to the next one."""
    slow = [span for note in notes for span in note["slow"]]
    after = [*harms[1:], float("inf")]
    return [
        max([0.0, *(end - max(begin, harm) for begin, end in slow if end > harm and begin < following)])
        for harm, following in zip(harms, after)
    ]


def settle(cluster):
    """Waits until all masters follow one, and says which."""
    end = time.monotonic() + SETTLES_WITHIN
    while time.monotonic() < end:
        leader = cluster.leader()
        if leader and cluster.masters_follow():
            return leader
        time.sleep(0.5)
    raise TimeoutError(f"not all masters follow one after {SETTLES_WITHIN} s")


def kill(cluster, leader):
    leader.kill()
    time.sleep(UNDISTURBED_SECONDS)
    leader.start()


def stop(cluster, leader):
    leader.pause()
    time.sleep(STOPPED_SECONDS)
    leader.resume()


def cut(cluster, leader):
    others = [name for name in cluster.daemons if name != leader.name]
    pairs = [(leader.name, name) for name in others] + [(name, leader.name) for name in others]
    for pair in pairs:
        cluster.network.cut(*pair)
    time.sleep(CUT_SECONDS)
    for pair in pairs:
        cluster.network.heal(*pair)


def hand_over(cluster, leader):
    to = next(master for master in cluster.masters if master is not leader)
    if not cluster.hand_over(to):
        raise RuntimeError(f"the leadership was not handed over to {to.name}")
    time.sleep(UNDISTURBED_SECONDS)


def measured(cluster, what, harm, times):
    """Harms the leader so many times; what was seen of it."""
    applications = Applications(cluster, what.replace(" ", "-"))
    harms = []
    for _ in range(times):
        leader = settle(cluster)
        time.sleep(1)
        harms.append(time.monotonic())
        harm(cluster, leader)
        print(f"chaos failover: {what} {len(harms)} of {times}: {leader.name}", flush=True)
    settle(cluster)
    notes = applications.end()
    errors = [error for note in notes for error in note["errors"]]
    lost = [lost for note in notes for lost in note["lost"]]
    seconds = sorted(pauses(harms, notes))
    done = sum(note["done"] for note in notes)
    for text in (errors + lost)[:10]:
        print(f"chaos failover: {text}", flush=True)
    line = (
        f"{what} {times} times: {done} operations, {len(errors)} errors, {len(lost)} lost,"
        f" pause p50 {statistics.median(seconds):.2f} s, p99 {percentile(seconds, 0.99):.2f} s"
    )
    print(f"chaos failover: {line}", flush=True)
    require(not errors and not lost, line)
    return line


def percentile(ascending, share):
    return ascending[min(len(ascending) - 1, int(len(ascending) * share))]


# By the names that faults of the same kind have.
WAYS = {
    "kill": ("leader killed", kill),
    "pause": (f"leader stopped for {STOPPED_SECONDS} s", stop),
    "cut": (f"leader cut off for {CUT_SECONDS} s", cut),
    "handover": ("leadership handed over", hand_over),
}


def failover(cluster, settings):
    """The leader is killed, stopped, cut off, and hands over, so many times each."""
    wanted = [way for way in settings.faults.split(",") if way] or list(WAYS)
    require(set(wanted) <= set(WAYS), f"the leader can only suffer {', '.join(WAYS)}")
    return "; ".join(measured(cluster, *WAYS[way], settings.times) for way in wanted)
