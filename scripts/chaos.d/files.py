"""Files of blocks: written by one worker, read by all, through any mount.

Promised: who opens a file after its `close` or `fsync` returned reads what was written, or a later
write that had begun by then. A file that is replaced by `rename` is the old or the new one, never a
mixture. Bytes nobody wrote are never read. Only where the master lost the end of its log while a file
was made can the name be there without all of the bytes.
"""

import base64
import errno
import os

from blocks import HEADER, Block, begins_with, explains, size_of, version_of

FILES = 5
SIZES = (700, 4096, 65536)
LARGEST = 1_500_000
ODD_BYTES_KEPT = 1 << 16
# How a writer notes that it met a file that it had replaced, as a power cut may bring back.
OLDER = errno.ENODATA


class Files:
    """A worker's own files, and a look at those of the others."""

    name = "files"

    def __init__(self, worker):
        self.worker = worker
        self.numbers = [worker.number * FILES + i for i in range(FILES)]
        self.everybody = [i for i in range(worker.workers * FILES)]
        self.versions = dict.fromkeys(self.numbers, 0)
        # Of each file: the size and number of its blocks, and the version that made it.
        self.shapes = {}

    def step(self, rng):
        if rng.random() < 0.5:
            return self.read(rng.choice(self.everybody))
        number = rng.choice(self.numbers)
        if number not in self.shapes or rng.random() < 0.15:
            return self.replace(number, rng)
        return self.write(number, rng)

    def path(self, number):
        return os.path.join(self.worker.root, "files", str(number))

    def replace(self, number, rng):
        size = rng.choice(SIZES)
        count = rng.randint(1, max(1, min(60, LARGEST // size)))
        force, clone = rng.random() < 0.5, rng.random() < 0.2
        version = self.next_version(number)
        self.shapes.pop(number, None)

        def action(got):
            new = self.path(number) + ".new"
            descriptor = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o644)
            self.fill(descriptor, number, version, size, range(count), force)
            if clone:
                new = self.clone(new, number, size * count, force)
            os.rename(new, self.path(number))

        outcome = self.worker.record(
            "replace", action, file=number, version=version, size=size, count=count
        )
        if outcome == "ok":
            self.shapes[number] = (size, count, version)
        return outcome

    def clone(self, original, number, length, force):
        """Another file of the same chunks, which must outlive the one they were written for."""
        name = self.path(number) + ".clone"
        target = os.open(name, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o644)
        try:
            source = os.open(original, os.O_RDONLY)
            try:
                copied = 0
                while copied < length and (part := os.copy_file_range(source, target, length - copied)):
                    copied += part
            finally:
                os.close(source)
            if force:
                os.fsync(target)
        finally:
            os.close(target)
        os.unlink(original)
        return name

    def write(self, number, rng):
        size, count, made = self.shapes[number]
        force = rng.random() < 0.5
        begin = rng.randrange(count)
        blocks = range(begin, min(count, begin + rng.choice((1, 1, 3, 20))))
        version = self.next_version(number)

        def action(got):
            descriptor = os.open(self.path(number), os.O_RDWR)
            if not begins_with(os.pread(descriptor, HEADER.size, 0), number, size, made):
                os.close(descriptor)
                raise OSError(OLDER, "the file is an older one")
            self.fill(descriptor, number, version, size, blocks, force)

        outcome = self.worker.record(
            "write", action, file=number, version=version, blocks=[blocks.start, blocks.stop]
        )
        if outcome == "refused":
            self.shapes.pop(number)
        return outcome

    def fill(self, descriptor, number, version, size, blocks, force):
        try:
            for index in blocks:
                content = Block(self.worker.seed, number, index, version, size).content()
                written = os.pwrite(descriptor, content, index * size)
                if written != size:
                    os.pwrite(descriptor, content[written:], index * size + written)
            if force:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def next_version(self, number):
        self.versions[number] += 1
        return self.versions[number]

    def read(self, number):
        def action(got):
            with open(self.path(number), "rb", buffering=0) as file:
                content = b""
                while piece := file.read(1 << 20):
                    content += piece
            got.update(describe(content, self.worker.seed, number))

        return self.worker.record("read", action, file=number)

    def verify(self):
        for number in self.everybody:
            self.read(number)


def describe(content, seed, number):
    """What a file holds: its length, its blocks' size and versions; odd blocks as they are."""
    size = size_of(content) or SIZES[1]
    versions, odd = [], {}
    for index in range((len(content) + size - 1) // size):
        block = content[index * size : (index + 1) * size]
        version = version_of(block, seed, number, index)
        versions.append(version)
        if version is None:
            odd[index] = base64.b64encode(block[:ODD_BYTES_KEPT]).decode()
    return {"length": len(content), "size": size, "versions": versions, "odd": odd}


class Generation:
    """A file from one replacement to the next, with the writes into it."""

    def __init__(self, replacement):
        self.replacement = replacement
        self.size, self.count = replacement.asked["size"], replacement.asked["count"]
        self.writes = []

    def candidates(self, index, read, faults):
        """The versions block `index` may have when it is read."""
        allowed = [self.replacement.asked["version"]]
        for write in self.writes:
            begin, end = write.asked["blocks"]
            if begin <= index < end and write.begin < read.end and write.outcome not in NEVER:
                if faults.lasting(write, read.begin):
                    allowed = []
                allowed.append(write.asked["version"])
        return allowed


NAMES_TRUSTED_SECONDS = 1.0
NEVER = ("refused", "away")


class FilesCheck:
    """Compares every read with the writes before and beside it."""

    def __init__(self, history, faults, verdict):
        self.faults, self.verdict = faults, verdict
        self.generations = {}
        for operation in history.of("replace", "write"):
            generations = self.generations.setdefault(operation.asked["file"], [])
            if operation.kind == "replace":
                if operation.outcome not in NEVER:
                    generations.append(Generation(operation))
                elif operation.outcome == "refused" and not faults.half_forgotten(operation):
                    verdict.violation(operation, "a file cannot be replaced")
            else:
                generations[-1].writes.append(operation)
                if operation.outcome == "refused":
                    self.judge_refusal(operation)
        for read in history.of("read"):
            self.judge(read)

    def possible(self, read):
        """The generations of the file that a read may see, and whether there may be none."""
        possible, absent = [], True
        for generation in self.generations.get(read.asked["file"], []):
            replacement = generation.replacement
            if replacement.begin < read.end:
                if self.faults.lasting(replacement, read.begin):
                    absent = False
                trusted = 0 if replacement.mount == read.mount else NAMES_TRUSTED_SECONDS
                if self.faults.lasting(replacement, read.begin - trusted):
                    possible = []
                possible.append(generation)
        return possible, absent

    def judge(self, read):
        if read.outcome == "refused":
            self.judge_absence(read)
        if not read.ok:
            return
        self.verdict.bytes_checked += read.got["length"]
        possible, _ = self.possible(read)
        faults = [self.difference(read, generation) for generation in possible]
        if "" not in faults:
            self.verdict.wrong_content(read, faults[-1] if faults else "nobody wrote it")

    def judge_refusal(self, write):
        if write.errno != errno.errorcode[OLDER]:
            self.judge_absence(write)
        else:
            possible = self.possible(write)[0]
            shortened = any(self.faults.half_forgotten(each.replacement) for each in possible)
            if len(possible) < 2 and not shortened:
                self.verdict.wrong_content(write, "the file is one that was replaced")

    def judge_absence(self, operation):
        if not self.possible(operation)[1]:
            self.verdict.wrong_content(operation, "the file is gone")

    def difference(self, read, generation):
        """What is not as it may be, or ""."""
        length = generation.size * generation.count
        shortened = read.got["length"] < length and self.faults.half_forgotten(generation.replacement)
        if read.got["length"] != length and not shortened:
            return f"{read.got['length']} bytes long, not {length}"
        for index, version in enumerate(read.got["versions"]):
            allowed = generation.candidates(index, read, self.faults)
            if version is None:
                if not self.explained(read, generation, index, allowed):
                    return f"bytes nobody wrote in block {index} (versions {allowed} may be there)"
            elif version not in allowed:
                return f"block {index} has version {version}, not one of {allowed}"
        return ""

    def explained(self, read, generation, index, allowed):
        content = base64.b64decode(read.got["odd"][str(index)])
        seed, number = self.verdict.seed, read.asked["file"]
        blocks = [Block(seed, number, index, v, generation.size).content() for v in allowed]
        return explains(content, blocks)
