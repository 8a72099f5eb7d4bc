"""Records appended to logs.

Promised: each acknowledged record is there once and whole, in the order of its writer; one that was
not acknowledged is there once or not at all.
"""

import os
import zlib

RECORDS_PER_LOG = 150
SHARED_SECONDS = 20


class Appends:
    """A log of each worker's own, and logs that all append to."""

    name = "appends"

    def __init__(self, worker):
        self.worker = worker
        self.next = 0

    def step(self, rng):
        count = rng.choice((1, 1, 3))
        records = list(range(self.next, self.next + count))
        self.next += count
        log = f"{self.worker.number}-{records[0] // RECORDS_PER_LOG}"
        if rng.random() < 0.5:
            log = f"shared-{int((self.worker.now() - self.worker.epoch) / SHARED_SECONDS)}"
        texts = [self.text(record, rng.choice((10, 80, 5000))) for record in records]
        force = rng.random() < 0.5

        def action(got):
            descriptor = os.open(self.path(log), os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)
            try:
                for text in texts:
                    got["torn"] = os.write(descriptor, text) != len(text)
                if force:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)

        return self.worker.record("append", action, log=log, records=records, force=force)

    def text(self, record, filler):
        body = b"%d:%d:%d:%s" % (self.worker.seed, self.worker.number, record, b"x" * filler)
        return b"%s:%08x\n" % (body, zlib.crc32(body))

    def path(self, log):
        return os.path.join(self.worker.root, "appends", log)

    def verify(self):
        names = []
        self.worker.record("logs", lambda got: names.extend(os.listdir(self.path(""))))
        for log in sorted(names):
            self.read(log)

    def read(self, log):
        def action(got):
            with open(self.path(log), "rb") as file:
                content = file.read()
            got["length"] = len(content)
            got["records"], got["odd"] = parse(content, self.worker.seed)

        return self.worker.record("log", action, log=log)


def parse(content, seed):
    """The records of a log as [worker, number], and what else is in it, cut short."""
    records, odd = [], []
    for line in content.split(b"\n"):
        body, _, checksum = line.rpartition(b":")
        if body and checksum == b"%08x" % zlib.crc32(body) and body.startswith(b"%d:" % seed):
            records.append([int(field) for field in body.split(b":")[1:3]])
        elif line:
            odd.append(repr(line[:60]))
    return records, odd[:5]


class AppendsCheck:
    """Compares what is in the logs at the end with what was appended."""

    def __init__(self, history, faults, verdict):
        self.appends = {}
        for operation in history.of("append"):
            self.appends.setdefault(operation.asked["log"], []).append(operation)
        workers = {worker: number for number, worker in enumerate(history.workers)}
        for log in history.of("log"):
            if log.ok:
                verdict.bytes_checked += log.got["length"]
                self.judge(log, workers, faults, verdict)

    def judge(self, log, workers, faults, verdict):
        records = [tuple(record) for record in log.got["records"]]
        counts = {record: records.count(record) for record in set(records)}
        if log.got["odd"]:
            verdict.violation(log, f"bytes nobody appended: {log.got['odd']}")
        asked = set()
        for append in self.appends.get(log.asked["log"], []):
            number = workers[append.worker]
            ids = [(number, record) for record in append.asked["records"]]
            asked.update(ids)
            missing = [i for i in ids if i not in counts]
            if missing and faults.lasting(append, log.begin):
                verdict.lost_records(append, missing)
        twice = [record for record, count in counts.items() if count > 1]
        if twice:
            verdict.violation(log, f"records that are there twice: {twice[:5]}")
        if set(counts) - asked:
            verdict.violation(log, f"records of another log: {sorted(set(counts) - asked)[:5]}")
        for number in workers.values():
            own = [record for worker, record in records if worker == number]
            if own != sorted(own):
                verdict.violation(log, f"records of worker {number} in another order")
