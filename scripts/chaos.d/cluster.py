"""A cluster of real processes: masters, chunk servers with a small disk each, and mounts."""

import ctypes
import glob
import json
import os
import signal
import subprocess
import sys
import time

from network import Network, run

CAIRN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cairn")
START_SECONDS = 180
DISK_BYTES = 384 << 20
MASTER_PORT = 9400
RAFT_PORT = MASTER_PORT + 10000
SERVER_PORT = 9401
PR_SET_PDEATHSIG = 1
# A master that follows is not further behind than what comes in a moment.
FOLLOWS_WITHIN_ENTRIES = 500

# Two data directories of each server, on one disk: "chunks" is there always, "more" may be taken away.
DISK_PARTS = ("chunks", "more")

# Times to live are short so that a fault of a few seconds outlasts every one of them.
SESSION_TTL = 8
DEAD_AFTER = 5
GARBAGE_HOLD = 10


def end_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Daemon:
    """One process of the cluster, on a host of its own, that can be ended and started again."""

    def __init__(self, cluster, name, arguments, host=None):
        self.cluster, self.name, self.arguments = cluster, name, arguments
        self.host = host or name
        self.log = os.path.join(cluster.directory, "log", f"{name}.log")
        self.ready_file = os.path.join(cluster.directory, "run", f"{name}.ready")
        self.clock_file = os.path.join(cluster.directory, "run", f"{name}.clock")
        self.process = None
        self.locale = {}
        self.set_clock(0)

    def launch(self):
        if os.path.exists(self.ready_file):
            os.unlink(self.ready_file)
        command = self.cluster.network.inside(self.host) + [CAIRN, *self.arguments]
        command += ["--ready-file", self.ready_file]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.cluster.environment, **self.locale, **self.clock()},
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def until_ready(self):
        end = time.monotonic() + START_SECONDS
        while not os.path.exists(self.ready_file):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.name} does not start: {self.last_words()}")
            time.sleep(0.05)

    def start(self):
        self.launch()
        self.until_ready()

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def died(self):
        return self.process is not None and self.process.poll() is not None

    def ended_within(self, seconds):
        """The exit code of a process that ends by itself in that time; None when it does not."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self.process = None
        return code

    def last_words(self):
        with open(self.log, errors="replace") as log:
            return " | ".join(log.read().splitlines()[-5:])

    def clock(self):
        """The environment in which set_clock has an effect, where libfaketime is there for it.

        Waits are of monotonic time, as ever: its own fix for those would end every wait of a JVM at
        once.
        """
        if not self.cluster.faketime:
            return {}
        return {
            "LD_PRELOAD": self.cluster.faketime,
            "FAKETIME_TIMESTAMP_FILE": self.clock_file,
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        }

    def set_clock(self, offset):
        with open(self.clock_file + ".new", "w") as clock:
            clock.write(f"{offset:+d}\n")
        os.rename(self.clock_file + ".new", self.clock_file)


class Mount(Daemon):
    """A mount. Where it is away, paths under its root end in a loop of links, which no answer of a
    cluster can be taken for."""

    def __init__(self, cluster, name, arguments, point):
        super().__init__(cluster, name, [*arguments, point])
        self.point = point
        os.makedirs(point)
        os.symlink("chaos", os.path.join(point, "chaos"))

    @property
    def root(self):
        return os.path.join(self.point, "chaos")

    def launch(self):
        run("umount", "-l", self.point, check=False)
        super().launch()

    def remove(self):
        self.kill()
        run("umount", "-l", self.point, check=False)


class Cluster:
    """Everything that runs, by name: master (or master-1 ...), server-1 ..., mount-1 ..."""

    def __init__(self, directory, servers, mounts, with_clocks, masters=1):
        self.directory = directory
        for part in ("log", "run", "data", "mnt", "history"):
            os.makedirs(os.path.join(directory, part))
        self.environment = {"CAIRN_BUILT": "1"}
        self.faketime = find_faketime() if with_clocks else None
        self.disks = []
        self.network = Network(f"chaos{os.getpid()}")
        self.network.add("control")
        self.network.add("clone")
        names = ["master"] if masters == 1 else [f"master-{i + 1}" for i in range(masters)]
        self.master_addresses = {name: f"{self.network.add(name)}:{MASTER_PORT}" for name in names}
        # As everything that looks for a master takes them.
        self.master_list = ",".join(self.master_addresses.values())
        self.masters = [self._master(name) for name in names]
        self.servers = [self._server(f"server-{i + 1}") for i in range(servers)]
        self.mounts = [self._mount(f"mount-{i + 1}") for i in range(mounts)]
        self.daemons = {d.name: d for d in [*self.masters, *self.servers, *self.mounts]}

    @property
    def several(self):
        """Whether there are several masters, one of which may always fail."""
        return len(self.masters) > 1

    def data(self, name):
        return os.path.join(self.directory, "data", name)

    def _disk(self, name):
        disk = self.data(name)
        os.makedirs(disk)
        run("mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", disk)
        self.disks.append(disk)
        return disk

    def _master(self, name):
        peers = []
        if len(self.master_addresses) > 1:
            self._disk(name)
            peers = ["--peers", self.master_list]
        return Daemon(self, name, [
            "master", "--data", self.data(name), "--listen", self.master_addresses[name], *peers,
            "--chunk-size", "1M", "--session-ttl", str(SESSION_TTL),
            "--dead-after", str(DEAD_AFTER), "--garbage-hold", str(GARBAGE_HOLD),
        ])  # fmt: skip

    def _server(self, name):
        disk = self._disk(name)
        self.network.add(name)
        listen = self.address(name)
        return Daemon(self, name, [
            "chunkserver", "--master", self.master_list, "--listen", listen,
            "--data", ",".join(os.path.join(disk, part) for part in DISK_PARTS),
        ])  # fmt: skip

    def clone_of(self, server, directories):
        """A process with a chunk server's identity, from copies of its directories, on another host."""
        return Daemon(self, f"clone-{server}", [
            "chunkserver", "--master", self.master_list, "--data", ",".join(directories),
            "--listen", f"{self.network.hosts['clone']}:{SERVER_PORT}",
        ], host="clone")  # fmt: skip

    def address(self, server):
        return f"{self.network.hosts[server]}:{SERVER_PORT}"

    def _mount(self, name):
        self.network.add(name)
        point = os.path.join(self.directory, "mnt", name)
        arguments = ["mount", "--foreground", "--master", self.master_list]
        return Mount(self, name, arguments, point)

    def start(self):
        for master in self.masters:
            master.launch()
        for master in self.masters:
            master.until_ready()
        end = time.monotonic() + START_SECONDS
        while not self.masters_follow():
            if time.monotonic() > end:
                raise RuntimeError(f"the masters do not follow one: {self.masters[0].last_words()}")
            time.sleep(0.5)
        for daemon in [*self.servers, *self.mounts]:
            daemon.launch()
        for daemon in [*self.servers, *self.mounts]:
            daemon.until_ready()
        os.mkdir(self.mounts[0].root)
        # It keeps the classes it loads, with which the commands that follow start in less time.
        self._asked("df", seconds=START_SECONDS)

    def status(self):
        """What `cairn status --json` says, or None while the master does not answer."""
        status = self._said("status")
        return status if "servers" in status else None

    def drain(self, server):
        """Has a chunk server emptied; whether the master heard it."""
        return self._asked("drain", self.address(server), seconds=60) is not None

    def undrain(self, server):
        return self._asked("undrain", self.address(server), seconds=60) is not None

    def _said(self, command):
        """The JSON object that a command says, or an empty one."""
        # 1 and 3 say that something is degraded or cannot be read.
        said = self._asked(command, "--json", seconds=30, exits=(0, 1, 3))
        return json.loads(said) if said else {}

    def _asked(self, *command, seconds, exits=(0,)):
        """What a command prints when it ends in that time with one of the exit codes, else None."""
        try:
            ran = subprocess.run(
                [*self.network.inside("control"), CAIRN, *command, "--master", self.master_list],
                capture_output=True,
                text=True,
                timeout=seconds,
                env={**os.environ, **self.environment},
            )
            return ran.stdout if ran.returncode in exits else None
        except subprocess.TimeoutExpired:
            return None

    def leader(self):
        """The master that leads, or None while nobody says who does."""
        if not self.several:
            return self.masters[0]
        said = self._leader_said()
        leads = said and said["asked"]
        return next((m for m in self.masters if self.master_addresses[m.name] == leads), None)

    def hand_over(self, master):
        """Has another master lead; whether it does."""
        leader, to = self.leader(), self.master_addresses[master.name]
        return bool(leader) and self._ask_masters(self.master_addresses[leader.name], to) == to

    def masters_follow(self):
        """Whether every master is there and has what the leader has."""
        if not self.several:
            return True
        said = self._leader_said()
        if not said or len(said["members"]) != len(self.masters):
            return False
        last = max(member["last"] for member in said["members"])
        others = [member for member in said["members"] if member["address"] != said["asked"]]
        return all(
            member["reachable"] and last - member["last"] < FOLLOWS_WITHIN_ENTRIES for member in others
        )

    def _leader_said(self):
        """What the master says of all that leads in the latest term, or None."""
        heard = [said for said in self._ask_masters() or [] if said and said["leader"] == said["asked"]]
        return max(heard, key=lambda said: said["term"], default=None)

    def _ask_masters(self, *move):
        program = os.path.join(os.path.dirname(__file__), "askmasters.py")
        command = [*self.network.inside("control"), sys.executable, program, self.master_list, *move]
        ran = subprocess.run(command, capture_output=True, text=True)
        return json.loads(ran.stdout) if ran.returncode == 0 else None

    def is_whole(self):
        """Whether all servers are there and every chunk has all its replicas."""
        status = self.status()
        return bool(
            status
            and sum(server["alive"] for server in status["servers"]) == len(self.servers)
            and not status["under_replicated_chunks"]
            and not status["missing_chunks"]
        )

    def resume_deletions(self):
        return self._asked("resume-deletions", seconds=60) is not None

    def scrub(self):
        """Has all chunks read and checked; whether that was done."""
        return self._asked("scrub", "--now", seconds=300) is not None

    def stop(self):
        for mount in self.mounts:
            mount.remove()
        for daemon in [*self.servers, *self.masters]:
            daemon.kill()
        for disk in self.disks:
            run("umount", "-l", disk, check=False)
        self.network.remove()


def find_faketime():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
    return found[0] if found else None
