"""The kinds of trouble. Each has a victim, begins, and ends with everything as it was before."""

import contextlib
import glob
import os
import random
import shutil
import subprocess
import sys
import time

from cluster import DEAD_AFTER, DISK_PARTS, MASTER_PORT, RAFT_PORT, SERVER_PORT, SESSION_TTL

# Longer than a session lives, a server may be silent, or a lease is held.
PAST_EVERY_TTL = (SESSION_TTL + 3, SESSION_TTL + 6)
SHORT = (2, 6)
UNDRAINED_WITHIN = 120


class Fault:
    """One fault. `hold` is how many seconds it lasts; `errors` of which `mounts` it excuses."""

    roles = ("master", "server", "mount")
    holds = (SHORT, PAST_EVERY_TTL)
    damages = False
    everybody = False

    def __init__(self, cluster, victim, rng):
        self.cluster, self.victim = cluster, cluster.daemons[victim]
        self.rng = random.Random(rng.random())
        self.hold = self.rng.uniform(*self.rng.choice(self.holds))
        self.mounts, self.errors = (), ()
        self.forgets_since, self.forgets_until = None, None
        self.note = ""

    @classmethod
    def missing(cls, cluster):
        """What this machine lacks for it, or ""."""
        return ""

    @property
    def role(self):
        return self.victim.name.split("-")[0]

    @property
    def delays(self):
        """Whether operations may wait for its end: not for that of one master of several."""
        return not (self.cluster.several and self.victim in self.cluster.masters)

    def all_mounts(self):
        return tuple(mount.name for mount in self.cluster.mounts)

    def begin(self):
        raise NotImplementedError

    def end(self):
        pass

    def await_end(self):
        """Waits until the victim works again: only when all faults have ended, it may need the others."""


class Kill(Fault):
    """SIGKILL, and a new start some seconds later."""

    holds = ((0, 3), SHORT, PAST_EVERY_TTL)

    def begin(self):
        if self.victim in self.cluster.mounts:
            self.mounts = (self.victim.name,)
        self.victim.kill()

    def end(self):
        self.victim.launch()

    def await_end(self):
        self.victim.until_ready()


class Pause(Fault):
    """SIGSTOP for longer than every time to live, then SIGCONT."""

    holds = (PAST_EVERY_TTL,)

    def begin(self):
        if self.victim in self.cluster.mounts:
            self.mounts, self.errors = (self.victim.name,), ("EIO", "ESTALE")
        self.victim.pause()

    def end(self):
        self.victim.resume()


class Cut(Fault):
    """The victim and some others cannot hear each other, or one side cannot hear the other."""

    def begin(self):
        directions = self.rng.choice(("both", "both", "in", "out"))
        self.peers = self.rng.choice(self._peers())
        host = self.victim.name
        self.pairs = [(p, host) for p in self.peers if directions != "out"]
        self.pairs += [(host, p) for p in self.peers if directions != "in"]
        excused = self._excused()
        if excused:
            self.mounts, self.errors = tuple(excused), ("EIO", "ESTALE")
        self.note = f"{directions} {'+'.join(self.peers)}"
        for sender, receiver in self.pairs:
            self.cluster.network.cut(sender, receiver)

    def _excused(self):
        """The mounts that may be told errors."""
        if self.role == "mount":
            return [self.victim.name]
        if self.role != "master" or self._others_may_lead():
            return []
        servers = {server.name for server in self.cluster.servers}
        if servers <= set(self.peers) and self.hold > DEAD_AFTER / 2:
            # Then there is no chunk server as far as the master knows.
            return self.all_mounts()
        return [m for m in self.all_mounts() if m in self.peers and self.hold > SESSION_TTL / 2]

    def _others_may_lead(self):
        """A master that is cut off from the others leads no longer; one that they hear well does."""
        return any(master.name in self.peers for master in self.cluster.masters)

    @property
    def delays(self):
        return self.role != "master" or not self._others_may_lead()

    def end(self):
        for sender, receiver in self.pairs:
            self.cluster.network.heal(sender, receiver)

    def _peers(self):
        """Everybody else, or only those of one role, or of several masters only one."""
        others = [name for name in self.cluster.daemons if name != self.victim.name]
        roles = {name.split("-")[0] for name in others}
        groups = [others] + [[n for n in others if n.startswith(role)] for role in sorted(roles)]
        if self.role == "master" and self.cluster.several:
            # One master that two others hear, which do not hear each other.
            groups += [[name] for name in others if name.startswith("master")]
        return groups


class Slow(Fault):
    """Delay, and some packets lost."""

    def begin(self):
        delay, loss = self.rng.choice((5, 20, 60)), self.rng.choice((0, 0.002, 0.01))
        self.note = f"{delay} ms, {loss:.1%} lost"
        self.cluster.network.slow(self.victim.name, delay, loss)

    def end(self):
        self.cluster.network.quicken(self.victim.name)


class Fill(Fault):
    """The disk of one chunk server is full, or of all."""

    roles = ("server",)

    def begin(self):
        filled = [self.victim]
        if self.role == "server" and self.rng.random() < 0.3:
            filled, self.note = self.cluster.servers, "all"
            self.mounts, self.errors = self.all_mounts(), ("ENOSPC",)
        self.fillers = [os.path.join(self.cluster.data(each.name), "filler") for each in filled]
        for filler in self.fillers:
            with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:  # Servers write meanwhile: what is free is known when it is taken.
                    file.write(bytes(1 << 20))

    def end(self):
        for filler in self.fillers:
            os.unlink(filler)


class Drain(Fault):
    """A chunk server is to be emptied, until it is taken back."""

    roles = ("server",)
    holds = ((3, 20),)

    def begin(self):
        self.note = "" if self.cluster.drain(self.victim.name) else "not heard"

    def await_end(self):
        end = time.monotonic() + UNDRAINED_WITHIN
        while not self.cluster.undrain(self.victim.name):
            if time.monotonic() > end:
                raise RuntimeError(f"{self.victim.name} cannot be undrained in {UNDRAINED_WITHIN} s")
            time.sleep(1)


class Damage(Fault):
    """Something wrong with the files a server keeps chunks in."""

    roles = ("server",)
    holds = ((1, 3),)
    damages = True
    victims = 20

    def begin(self):
        disk = self.cluster.data(self.victim.name)
        files = glob.glob(f"{disk}/*/chunks/*/*.data") + glob.glob(f"{disk}/*/packs/*.pack")
        files = [file for file in sorted(files) if os.path.getsize(file)]
        for file in self.rng.sample(files, min(len(files), self.victims)):
            with open(file, "r+b") as content:
                self.harm(content, os.path.getsize(file))

    def harm(self, content, size):
        raise NotImplementedError


class Flip(Damage):
    """Single bits turned over."""

    def harm(self, content, size):
        at = self.rng.randrange(size)
        content.seek(at)
        byte = content.read(1)[0]
        content.seek(at)
        content.write(bytes([byte ^ 1 << self.rng.randrange(8)]))


class Truncate(Damage):
    """Files cut short, which cannot be read to their end."""

    victims = 5

    def harm(self, content, size):
        content.truncate(self.rng.randrange(size))


class Torn(Fault):
    """The master is killed, and the last bytes of its log are gone, as after a power cut.

    Only what was logged within the last moments is cut, so that all older acknowledgements hold;
    the newer ones may be forgotten, whole and from the end on.
    """

    roles = ("master",)
    holds = ((0, 3),)
    moments = 0.4

    def begin(self):
        # In this order: what was acknowledged before that moment is within the length.
        self.forgets_since = time.monotonic()
        log = self.log()
        kept = os.path.getsize(log)
        self.mounts = self.all_mounts()
        time.sleep(self.moments)
        self.victim.kill()
        if self.log() != log:
            log, kept = self.log(), 0
        size = os.path.getsize(log)
        self.note = f"{size - kept} bytes at stake"
        os.truncate(log, self.rng.randint(kept, size))

    def end(self):
        # What was answered until now was answered by the one that was killed.
        self.forgets_until = time.monotonic()
        self.victim.launch()

    def await_end(self):
        self.victim.until_ready()
        # What was cut off may have been synced: the master holds deletions then.
        self.cluster.resume_deletions()

    def log(self):
        return max(glob.glob(os.path.join(self.cluster.data(self.victim.name), "tables", "*.log")))


class Clock(Fault):
    """The victim's clock on the wall jumps, and jumps back."""

    def begin(self):
        offset = self.rng.choice((-86400, -60, -5, 5, 60, 86400))
        self.note = f"{offset:+d} s"
        self.victim.set_clock(offset)

    def end(self):
        self.victim.set_clock(0)

    @classmethod
    def missing(cls, cluster):
        return "" if cluster.faketime else "libfaketime (Debian: apt install libfaketime)"


class Locale(Kill):
    """SIGKILL, and a new start in another locale, one that is not installed among them."""

    def begin(self):
        name = self.rng.choice(("de_DE.UTF-8", "xx_YY.UTF-8", "C", "POSIX", "tr_TR.UTF-8"))
        variable = self.rng.choice(("LANG", "LC_ALL"))
        self.note = f"{variable}={name}"
        self.victim.locale = {"LC_ALL": "", "LANG": "", variable: name}
        super().begin()


class Clone(Fault):
    """A second process with a chunk server's identity: its directories were copied to another host."""

    roles = ("server",)
    holds = (SHORT, PAST_EVERY_TTL)

    def begin(self):
        disk = self.cluster.data(self.victim.name)
        self.copy = os.path.join(self.cluster.directory, "data", f"clone-of-{self.victim.name}")
        for part in DISK_PARTS:
            # Files come and go meanwhile, as they would under any copy of a running server.
            with contextlib.suppress(shutil.Error):
                shutil.copytree(os.path.join(disk, part), os.path.join(self.copy, part))
        parts = [os.path.join(self.copy, part) for part in DISK_PARTS]
        self.clone = self.cluster.clone_of(self.victim.name, parts)
        self.clone.launch()

    def end(self):
        self.clone.kill()
        shutil.rmtree(self.copy)


class Unmounted(Fault):
    """A chunk server starts again, and one of its data directories is empty; later it is back."""

    roles = ("server",)

    def begin(self):
        self.place = os.path.join(self.cluster.data(self.victim.name), DISK_PARTS[-1])
        self.victim.kill()
        os.rename(self.place, f"{self.place}.away")
        os.mkdir(self.place)
        self.victim.launch()
        self.victim.until_ready()

    def end(self):
        self.victim.kill()
        written = [os.path.join(at, file) for at, _, files in os.walk(self.place) for file in files]
        chunks = [path for path in written if path.endswith((".data", ".pack"))]
        if chunks:
            raise RuntimeError(f"{self.victim.name} took an empty directory for its disk: {chunks[0]}")
        shutil.rmtree(self.place)
        os.rename(f"{self.place}.away", self.place)
        self.victim.launch()

    def await_end(self):
        self.victim.until_ready()


class Flipped(Torn):
    """One byte of the master's log is flipped, with more behind it: the master must refuse to start.

    Then the byte is put right, and nothing may be missing.
    """

    holds = ((0, 2),)
    refuses_within = 60

    def begin(self):
        self.mounts = self.all_mounts()
        self.victim.kill()
        log = self.log()
        self.log_file, size = log, os.path.getsize(log)
        self.at = self.rng.randrange(size // 2) if size else None
        if self.at is None:
            self.note = "an empty log"
            return
        self.note = f"byte {self.at} of {size}"
        self.flip()
        self.victim.launch()
        if self.victim.ended_within(self.refuses_within) in (None, 0):
            raise RuntimeError(f"the master took a log with a flipped byte: {self.note}")

    def end(self):
        if self.at is not None:
            self.flip()
        self.victim.launch()

    def flip(self):
        with open(self.log_file, "r+b") as content:
            content.seek(self.at)
            byte = content.read(1)[0]
            content.seek(self.at)
            content.write(bytes([byte ^ 0x10]))


class Hostile(Fault):
    """Hundreds of connections to the victim's port that say nonsense, half a frame, or nothing."""

    roles = ("master", "server")
    holds = (SHORT,)

    def begin(self):
        host = self.cluster.network.hosts[self.victim.name]
        ports = [MASTER_PORT, RAFT_PORT] if self.cluster.several else [MASTER_PORT]
        port = self.rng.choice(ports if self.role == "master" else [SERVER_PORT])
        program = os.path.join(os.path.dirname(__file__), "hostile.py")
        command = [sys.executable, program, host, str(port), str(self.rng.randrange(1 << 30))]
        self.guests = subprocess.Popen(self.cluster.network.inside("clone") + command)

    def end(self):
        self.guests.kill()
        self.guests.wait()


# Faults of a cluster with one master; quorum.py has those of several.
KINDS = {
    "kill": Kill,
    "pause": Pause,
    "cut": Cut,
    "slow": Slow,
    "fill": Fill,
    "drain": Drain,
    "flip": Flip,
    "truncate": Truncate,
    "torn": Torn,
    "clock": Clock,
    "locale": Locale,
    "clone": Clone,
    "unmounted": Unmounted,
    "flipped": Flipped,
    "hostile": Hostile,
}
