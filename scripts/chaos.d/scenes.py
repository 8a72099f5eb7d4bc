"""Single promises, each shown on a cluster of its own: chaos --show NAME,...

A scene returns what was seen, in one line, or raises Broken.
"""

import fcntl
import glob
import multiprocessing
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time

from cluster import SESSION_TTL
from failover import failover
from promise import Broken, require
from locks import LOCKS, WAYS, lock_file

ROUNDS = 1000
TRANSACTIONS = 200
FLIPS = 50
FILES = 120
FILE_BYTES = 1 << 20
WITHIN = 300
KILLED_SECONDS = 1


def until(condition, otherwise):
    """Waits for a condition; the seconds it took."""
    begin = time.monotonic()
    while not condition():
        require(time.monotonic() < begin + WITHIN, f"{otherwise} within {WITHIN} s")
        time.sleep(0.2)
    return time.monotonic() - begin


def together(target, arguments):
    """Runs a function in as many processes, which must all end well."""
    processes = [multiprocessing.Process(target=target, args=args) for args in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    require(all(p.exitcode == 0 for p in processes), "one of those who worked together failed")


def count(path, lock, rounds):
    descriptor = os.open(path, os.O_RDWR)
    for _ in range(rounds):
        lock_file(lock, descriptor, fcntl.LOCK_EX)
        value = int(os.pread(descriptor, 20, 0)) + 1
        os.pwrite(descriptor, b"%d" % value, 0)
        lock_file(lock, descriptor, fcntl.LOCK_UN)


def counter(cluster):
    """Two mounts lock, read, add one, write and unlock, 1,000 times each."""
    seen = []
    for lock in LOCKS:
        paths = [os.path.join(mount.root, lock) for mount in cluster.mounts[:2]]
        with open(paths[0], "w") as file:
            file.write("0")
        begin = time.monotonic()
        together(count, [(path, lock, ROUNDS) for path in paths])
        seconds = time.monotonic() - begin
        with open(paths[0]) as file:
            value = int(file.read())
        require(value == 2 * ROUNDS, f"{lock}: the counter is {value}, not {2 * ROUNDS}")
        seen.append(f"{lock} {value} of {2 * ROUNDS} in {seconds:.1f} s")
    return ", ".join(seen)


def add_rows(path, name, rows):
    database = sqlite3.connect(path, timeout=WITHIN, isolation_level=None)
    for number in range(rows):
        database.execute("begin immediate")
        database.execute("update total set value = value + 1")
        database.execute("insert into row values (?, ?)", (name, number))
        database.execute("commit")


def sqlite(cluster):
    """Two mounts write to one SQLite database, 200 transactions each."""
    paths = [os.path.join(mount.root, "database") for mount in cluster.mounts[:2]]
    database = sqlite3.connect(paths[0])
    database.executescript(
        "create table total (value integer); insert into total values (0);"
        "create table row (name text, number integer, primary key (name, number));"
    )
    database.close()
    together(add_rows, [(path, str(i), TRANSACTIONS) for i, path in enumerate(paths)])
    database = sqlite3.connect(paths[1])
    total = database.execute("select value from total").fetchone()[0]
    rows = database.execute("select count(*) from row").fetchone()[0]
    intact = database.execute("pragma integrity_check").fetchone()[0]
    wanted = 2 * TRANSACTIONS
    require((total, rows, intact) == (wanted, wanted, "ok"), f"{total}, {rows} rows, {intact}")
    return f"{total} transactions, {rows} rows, integrity {intact}"


class Holder:
    """Another process that has a file alone, and writes when it is told to."""

    def __init__(self, path, way):
        program = os.path.join(os.path.dirname(__file__), "holder.py")
        self.process = subprocess.Popen(
            [sys.executable, program, path, way],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        require(self.process.stdout.readline() == "locked\n", "no lock")

    def write(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self):
        self.process.kill()
        self.process.wait()


def fenced(cluster, away, back):
    """A holder is away for longer than its session; another one takes over and writes."""
    seen = []
    for way in WAYS:
        first, second = (os.path.join(mount.root, f"held-{way}") for mount in cluster.mounts[:2])
        with open(first, "w") as file:
            file.write("nobody")
        former = Holder(first, way)
        require(former.write("before") == "written", "the holder cannot write")
        away()
        begin = time.monotonic()
        latter = Holder(second, way)
        seconds = time.monotonic() - begin
        require(latter.write("second") == "written", "the next holder cannot write")
        back()
        answer = former.write("former")
        require(answer == "refused EIO", f"the former holder's write: {answer}")
        latter.end()
        former.end()
        for path in (first, second):
            with open(path) as file:
                content = file.read()
            require(content == "second", f"{path} holds {content!r}")
        seen.append(f"{way}: taken after {seconds:.1f} s, the former holder was refused")
    return ", ".join(seen) + f" (sessions live {SESSION_TTL} s)"


def frozen(cluster):
    """The mount of a holder of locks and leases is paused past its session."""
    mount = cluster.mounts[0]
    return fenced(cluster, mount.pause, mount.resume)


def partition(cluster):
    """The mount of a holder of locks and leases is cut off past its session."""
    host = cluster.mounts[0].name
    others = [name for name in cluster.daemons if name != host]
    pairs = [(host, name) for name in others] + [(name, host) for name in others]
    network = cluster.network
    return fenced(
        cluster,
        lambda: [network.cut(*pair) for pair in pairs],
        lambda: [network.heal(*pair) for pair in pairs],
    )


class Readers:
    """Reads files through a mount again and again, and compares."""

    def __init__(self, root, contents):
        self.root, self.contents = root, contents
        self.wrong, self.read, self.ending = [], 0, False
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending = True
        self.thread.join()

    def _run(self):
        while True:
            for name, content in self.contents.items():
                with open(os.path.join(self.root, name), "rb") as file:
                    if file.read() != content:
                        self.wrong.append(name)
                self.read += 1
                if self.ending:
                    return


def flips(cluster):
    """One bit is turned over in each of 50 replicas, each of another chunk; then all is scrubbed."""
    rng = random.Random(f"{FLIPS}/flips")
    contents = {f"file-{i}": rng.randbytes(FILE_BYTES) for i in range(FILES)}
    for name, content in contents.items():
        with open(os.path.join(cluster.mounts[0].root, name), "wb") as file:
            file.write(content)
            os.fsync(file.fileno())
    replicas = {}
    for server in cluster.servers:
        for path in glob.glob(os.path.join(cluster.data(server.name), "*/chunks/*/*.data")):
            replicas.setdefault(os.path.basename(path), []).append(path)
    for chunk in rng.sample(sorted(replicas), FLIPS):
        with open(rng.choice(replicas[chunk]), "r+b") as file:
            at = rng.randrange(os.path.getsize(file.name))
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 1 << rng.randrange(8)]))
    with Readers(cluster.mounts[1].root, contents) as readers:
        scrubbed = until(cluster.scrub, "there is no scrub pass")
        found = found_damaged(cluster)
        healed = until(cluster.is_whole, "not healed")
    require(len(found) == FLIPS, f"{len(found)} of {FLIPS} were found")
    require(not readers.wrong, f"wrong bytes were read of {readers.wrong}")
    return (
        f"{len(found)} of {FLIPS} found in one pass of {scrubbed:.1f} s, healed {healed:.1f} s later,"
        f" {readers.read} files read meanwhile, none wrong"
    )


def found_damaged(cluster):
    """The chunks the master heard to be damaged, as its log names them."""
    found = set()
    for master in cluster.masters:
        with open(master.log) as log:
            found |= {line.split("chunk ")[1].split()[0] for line in log if "bad replica of" in line}
    return found


def write_and_sync(path, ending, paces):
    """Makes a file for each number, written and synced; says how long the slowest took."""
    slowest, number = 0.0, 0
    while not ending.is_set():
        begin = time.monotonic()
        with open(f"{path}.{number}", "w") as file:
            file.write(f"{number}" * 100)
            file.flush()
            os.fsync(file.fileno())
        slowest = max(slowest, time.monotonic() - begin)
        number += 1
    paces.put((path, number, slowest))


class Writers:
    """Processes that write and sync small files through two mounts."""

    def __init__(self, cluster, name):
        self.ending, self.paces = multiprocessing.Event(), multiprocessing.Queue()
        self.paths = [os.path.join(mount.root, f"{name}-{mount.name}") for mount in cluster.mounts[:2]]
        self.looker = cluster.mounts[-1].root
        self.processes = [
            multiprocessing.Process(target=write_and_sync, args=(path, self.ending, self.paces))
            for path in self.paths
        ]
        for process in self.processes:
            process.start()

    def end(self):
        """Checks through another mount that everything synced is there; (files, longest pause)."""
        self.ending.set()
        paces = [self.paces.get(timeout=WITHIN) for _ in self.processes]
        for process in self.processes:
            process.join()
        require(all(p.exitcode == 0 for p in self.processes), "a writer was told an error")
        for path, count, _ in paces:
            name = os.path.join(self.looker, os.path.basename(path))
            for number in range(count):
                with open(f"{name}.{number}") as file:
                    require(file.read() == f"{number}" * 100, f"{name}.{number} is not what was synced")
        return sum(count for _, count, _ in paces), max(pace for _, _, pace in paces)


def under_writers(cluster, name, victims, harm):
    writers = Writers(cluster, name)
    for victim in victims:
        harm(victim)
    files, longest = writers.end()
    return f"{name}: {files} synced files, 0 lost, 0 errors, longest pause {longest:.1f} s"


def kills(cluster, settings):
    """kill -9 of the master, then of chunk servers, so many times each, under writers that sync."""

    def kill(victim):
        victim.kill()
        time.sleep(KILLED_SECONDS)
        victim.start()
        if victim not in cluster.masters:
            until(cluster.is_whole, "not fully replicated")

    times = settings.times
    servers = [cluster.servers[i % len(cluster.servers)] for i in range(times)]
    return ", ".join((
        under_writers(cluster, f"master killed {times} times", cluster.masters[:1] * times, kill),
        under_writers(cluster, f"servers killed {times} times", servers, kill),
    ))  # fmt: skip


def stops(cluster):
    """SIGSTOP of each chunk server for 15 s, and of the master for 60 s, under writers that sync."""

    def stop(seconds):
        def harm(victim):
            victim.pause()
            time.sleep(seconds)
            victim.resume()
            until(cluster.is_whole, "not fully replicated")

        return harm

    return ", ".join((
        under_writers(cluster, "servers stopped for 15 s", cluster.servers, stop(15)),
        under_writers(cluster, "master stopped for 60 s", cluster.masters[:1], stop(60)),
    ))  # fmt: skip


SCENES = {
    scene.__name__: scene
    for scene in (counter, sqlite, frozen, partition, flips, kills, stops, failover)
}
# Scenes that are told how often they do their harm.
REPEATED = ("kills", "failover")
# Scenes of a cluster with several masters.
OF_SEVERAL = ("failover",)
