"""One run: a cluster, its workers, the harm, the end of it, the checks, the verdict."""

import argparse
import contextlib
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from appends import AppendsCheck
from cluster import CAIRN, Cluster, end_with_parent
from counters import CountersCheck
from files import FilesCheck
from history import History, Recording
from locks import WAYS
from names import FirstsCheck, NamesCheck
from nemesis import Nemesis, combinations
from network import Network
from quorum import kinds
from rivals import DIRECTORIES, OWN, RivalsCheck
from scenes import OF_SEVERAL, REPEATED, SCENES, Broken
from trylocks import TryLocksCheck
from verdict import Verdict, summary
from windows import Window, Windows

WORKERS_PER_MOUNT = 2
RIVALS_PER_MOUNT = 2
END_WITHIN = 60
WHOLE_WITHIN = 120
VERIFY_WITHIN = 300
SHOWN, SHOWN_CHARACTERS = 20, 600
CANNOT_RUN_HERE = 77
SEVERAL_MASTERS = 3
CHECKS = (FilesCheck, NamesCheck, FirstsCheck, AppendsCheck, CountersCheck, RivalsCheck, TryLocksCheck)


def arguments():
    parser = argparse.ArgumentParser(
        description=sys.modules["__main__"].__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Faults: " + ", ".join(f"{n} ({f.__doc__.split('.')[0]})" for n, f in kinds(3).items()),
    )
    parser.add_argument("--seconds", type=int, default=60, help="how long faults come (60)")
    parser.add_argument("--seed", type=int, default=1, help="what repeats the schedule (1)")
    parser.add_argument(
        "--faults", default="", help="only these, like kill,pause-mount,cut; none for no fault at all"
    )
    parser.add_argument("--dir", help="where to keep everything; else kept only after a failure")
    parser.add_argument("--masters", type=int, default=1, help="masters (1)")
    parser.add_argument("--servers", type=int, default=4, help="chunk servers (4)")
    parser.add_argument("--mounts", type=int, default=3, help="mounts (3)")
    parser.add_argument(
        "--show", default="", help=f"play scenes instead: {', '.join(SCENES)}, or all"
    )
    parser.add_argument("--times", type=int, default=50, help="how often a scene does its harm (50)")
    parser.add_argument("--judge", metavar="DIR", help="only judge again what was kept of a run")
    parser.add_argument("--self-test", action="store_true", help="test what judges, without a cluster")
    return parser.parse_args()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What is known of a run beside what its workers wrote; their histories are in its directory."""

    seed: int
    seconds: int
    verifying_since: float
    whole_after: float
    broken: list
    recordings: list
    windows: list

    def keep(self, directory):
        with open(os.path.join(directory, "history", "outcome.json"), "w") as file:
            json.dump(dataclasses.asdict(self), file)

    @classmethod
    def of(cls, directory):
        with open(os.path.join(directory, "history", "outcome.json")) as file:
            return cls(**json.load(file))

    def judge(self):
        history = History([Recording(**recording) for recording in self.recordings])
        windows = Windows([Window(**window) for window in self.windows])
        verdict = Verdict(self.seed, self.verifying_since)
        for check in CHECKS:
            check(history, windows, verdict)
        verdict.judge_outcomes(history, windows)
        verdict.violations += self.broken
        return verdict, summary(self, verdict, history, windows)


class Run:
    """A run in a directory."""

    def __init__(self, settings, directory):
        self.settings, self.directory = settings, directory
        self.wanted = [w for w in settings.faults.split(",") if w]
        none = self.wanted == ["none"]
        self.choices = [] if none else combinations(self.wanted, settings.masters)
        with_clocks = any(kind == "clock" for kind, _ in self.choices)
        self.cluster = Cluster(
            directory, settings.servers, settings.mounts, with_clocks, settings.masters
        )
        self.epoch = time.monotonic()
        self.recordings, self.processes = [], []
        self.broken = []

    def work(self):
        """Everything up to the judgement. What is known then beside the histories is kept, too."""
        self.cluster.start()
        self.prepare()
        for number in range(self.everybody):
            mount = self.cluster.mounts[number % len(self.cluster.mounts)]
            works = "alone" if number < self.workers else "against others"
            self.processes.append(self.worker(mount, number, works))
        nemesis = Nemesis(self.cluster, self.settings.seed, self.choices)
        try:
            nemesis.run(time.monotonic() + self.settings.seconds)
        except RuntimeError as error:
            self.broken.append(str(error))
        ended = time.monotonic()
        self.end_workers()
        whole_after = self.until_whole(ended, nemesis)
        verifying_since = time.monotonic()
        if whole_after is None:
            self.broken.append(f"not every chunk has its replicas after {WHOLE_WITHIN} s")
        self.verify()
        Outcome(
            self.settings.seed, self.settings.seconds, verifying_since, whole_after, self.broken,
            [dataclasses.asdict(r) for r in self.recordings],
            [dataclasses.asdict(w) for w in nemesis.windows],
        ).keep(self.directory)  # fmt: skip

    def prepare(self):
        root = self.cluster.mounts[0].root
        for part in ("files", "names", "firsts", "appends", "counters", "rivals", "trylocks"):
            os.mkdir(os.path.join(root, part))
        for number in range(self.workers):
            os.mkdir(os.path.join(root, "names", str(number)))
        for directory in (OWN, *map(str, range(DIRECTORIES))):
            os.mkdir(os.path.join(root, "rivals", directory))
        for way in WAYS:
            open(os.path.join(root, "counters", way), "w").close()

    @property
    def workers(self):
        return WORKERS_PER_MOUNT * len(self.cluster.mounts)

    @property
    def everybody(self):
        return self.workers + RIVALS_PER_MOUNT * len(self.cluster.mounts)

    def worker(self, mount, number, works):
        verifies = works == "verifies"
        name = f"verify-{mount.name}" if verifies else f"worker-{number}"
        history = os.path.join(self.directory, "history", f"{name}.jsonl")
        self.recordings.append(Recording(history, name, mount.name, verifies))
        open(history, "a").close()
        settings = {
            "seed": self.settings.seed,
            "number": number,
            "workers": self.workers,
            "root": mount.root,
            "epoch": self.epoch,
            "turns": os.path.join(self.directory, "run", f"{mount.name}.turns"),
            "history": history,
            "works": works,
        }
        program = os.path.join(os.path.dirname(__file__), "worker.py")
        with open(os.path.join(self.directory, "log", f"{name}.log"), "ab") as log:
            return subprocess.Popen(
                [sys.executable, program, json.dumps(settings)],
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def end_workers(self):
        for process in self.processes:
            process.terminate()
        self.wait(self.processes, END_WITHIN)

    def wait(self, processes, seconds):
        """Waits for workers. One that does not end shows in its history as an operation without end."""
        end = time.monotonic() + seconds
        for process in processes:
            try:
                status = process.wait(max(0.1, end - time.monotonic()))
                if status != 0:
                    self.broken.append(f"a worker ended with {status}: see log/")
            except subprocess.TimeoutExpired:
                self.broken.append("a worker does not end")
                process.kill()

    def until_whole(self, since, nemesis):
        while time.monotonic() < since + WHOLE_WITHIN:
            if nemesis.scrubbed() and self.cluster.is_whole() and self.cluster.masters_follow():
                return time.monotonic() - since
            time.sleep(0.5)
        return None

    def verify(self):
        mounts = self.cluster.mounts
        looking = [self.worker(mount, i, "verifies") for i, mount in enumerate(mounts)]
        self.processes += looking
        self.wait(looking, VERIFY_WITHIN)

    def stop(self):
        for process in self.processes:
            process.kill()
        self.cluster.stop()


def lacking():
    """What this machine lacks, in one sentence, or None."""
    if os.geteuid() != 0:
        return "it must run as root: it makes network namespaces and mounts"
    for command, package in (("ip", "iproute2"), ("nsenter", "util-linux")):
        if not shutil.which(command):
            return f"there is no command {command} (Debian: apt install {package})"
    if not os.path.exists("/dev/fuse"):
        return "there is no /dev/fuse"
    try:
        Network(f"chaos{os.getpid()}").remove()
    except RuntimeError as error:
        return f"network namespaces cannot be made here: {error}"
    return None


def interrupted(*_):
    raise KeyboardInterrupt


def main():
    settings = arguments()
    if settings.self_test:
        return self_test()
    if settings.judge:
        return tell(settings.judge)
    if lack := lacking():
        print(f"chaos: {lack}", file=sys.stderr)
        return CANNOT_RUN_HERE
    unknown = [s for s in wanted_scenes(settings) if s not in SCENES]
    if unknown:
        print(f"chaos: there is no scene {unknown[0]}; there are: {', '.join(SCENES)}", file=sys.stderr)
        return 2
    subprocess.run([CAIRN, "--version"], check=True, stdout=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, interrupted)
    if settings.show:
        return max([show(scene, settings) for scene in wanted_scenes(settings)])
    try:
        combinations([w for w in settings.faults.split(",") if w not in ("", "none")], settings.masters)
    except ValueError as error:
        print(f"chaos: {error}", file=sys.stderr)
        return 2
    return run_by_seed(settings)


def self_test():
    tests = unittest.defaultTestLoader.discover(os.path.dirname(__file__), "*_test.py")
    return 0 if unittest.TextTestRunner().run(tests).wasSuccessful() else 1


def wanted_scenes(settings):
    return list(SCENES) if settings.show == "all" else [s for s in settings.show.split(",") if s]


def show(scene, settings):
    """Plays a scene; 0 when everything is as promised."""
    directory = tempfile.mkdtemp(prefix="cairn-chaos.")
    masters = SEVERAL_MASTERS if scene in OF_SEVERAL and settings.masters == 1 else settings.masters
    cluster = Cluster(directory, settings.servers, settings.mounts, with_clocks=False, masters=masters)
    try:
        cluster.start()
        arguments = (cluster, settings) if scene in REPEATED else (cluster,)
        print(f"chaos {scene}: {SCENES[scene](*arguments)}", flush=True)
    except Broken as broken:
        print(f"chaos {scene}: VIOLATED: {broken}; logs are in {directory}", flush=True)
        return 1
    finally:
        cluster.stop()
    shutil.rmtree(directory)
    return 0


def run_by_seed(settings):
    directory = settings.dir or tempfile.mkdtemp(prefix="cairn-chaos.")
    run = Run(settings, directory)
    try:
        run.work()
    except KeyboardInterrupt:
        print("chaos: interrupted", file=sys.stderr)
        return 130
    finally:
        with contextlib.suppress(KeyboardInterrupt):
            run.stop()
    status = tell(directory)
    if status != 0:
        print(f"logs and history are in {directory}; again with: {' '.join(sys.argv)}")
    elif not settings.dir:
        shutil.rmtree(directory)
    return status


def tell(directory):
    """Says what the history in a directory comes to; 0 when everything is as promised."""
    verdict, line = Outcome.of(directory).judge()
    for text in (verdict.lost + verdict.violations)[:SHOWN]:
        print(text[:SHOWN_CHARACTERS])
    print(line)
    return 0 if verdict.passed else 1
