"""Tests of the search for an order, and of what judges names and locks with it.

Short random histories are compared with a trial of all orders. Longer ones come from a simulated
cluster: one that is right is never accused, and one with a fault is found out.
"""

import heapq
import itertools
import random
import unittest

import rivals
import trylocks
from history import Operation
from linear import Call, Undecided, search
from verdict import Verdict
from windows import Window, Windows

LAST_SECOND = 1e6


def register(state, action):
    """A number that is written, read, or exchanged if it is the expected one."""
    do, *values = action
    if do == "write":
        return values[0]
    if do == "read":
        return state if state == values[0] else None
    return values[1] if state == values[0] else None


def any_order(calls, state, step):
    """Whether some order is right, by trying them all: what `search` must agree with."""
    certain = [c for c in calls if not c.perhaps]
    doubtful = [c for c in calls if c.perhaps]
    for count in range(len(doubtful) + 1):
        for done in itertools.combinations(doubtful, count):
            for order in itertools.permutations(certain + list(done)):
                if in_time(order) and fits(order, state, step):
                    return True
    return False


def in_time(order):
    return not any(
        not later.perhaps and later.end < earlier.begin
        for earlier, later in itertools.combinations(order, 2)
    )


def fits(order, state, step):
    for call in order:
        state = step(state, call.action)
        if state is None:
            return False
    return True


class SearchTest(unittest.TestCase):
    def accepted(self, *calls):
        self.assertIsNone(search(list(calls), 0, register))

    def rejected(self, *calls):
        self.assertIsNotNone(search(list(calls), 0, register))

    def test_a_read_beside_a_write_sees_the_old_or_the_new_value(self):
        write = Call(0, 10, ("write", 1))
        self.accepted(write, Call(1, 2, ("read", 0)), Call(3, 4, ("read", 1)))
        self.accepted(write, Call(1, 2, ("read", 1)), Call(11, 12, ("read", 1)))

    def test_a_value_does_not_come_back(self):
        write = Call(0, 10, ("write", 1))
        self.rejected(write, Call(1, 2, ("read", 1)), Call(3, 4, ("read", 0)))

    def test_a_read_after_a_write_is_not_stale(self):
        self.rejected(Call(0, 1, ("write", 1)), Call(2, 3, ("read", 0)))

    def test_two_that_expect_the_same_value_do_not_both_exchange_it(self):
        self.accepted(Call(0, 5, ("exchange", 0, 1)), Call(0, 5, ("exchange", 1, 2)))
        self.rejected(Call(0, 5, ("exchange", 0, 1)), Call(0, 5, ("exchange", 0, 2)))

    def test_a_write_without_answer_is_done_late_or_never_but_not_twice(self):
        write = Call(0, 1, ("write", 1), perhaps=True)
        self.accepted(write, Call(2, 3, ("read", 0)), Call(100, 101, ("read", 1)))
        self.accepted(write, Call(2, 3, ("read", 0)))
        self.rejected(
            write, Call(2, 3, ("read", 1)), Call(4, 5, ("write", 2)), Call(6, 7, ("read", 1))
        )

    def test_a_write_is_not_seen_before_it_begins(self):
        self.rejected(Call(0, 1, ("read", 1)), Call(2, 3, ("write", 1), perhaps=True))

    def test_what_is_stuck_is_told(self):
        stuck = search([Call(0, 1, ("write", 1)), Call(2, 3, ("read", 5))], 0, register)
        self.assertEqual((stuck.state, stuck.call.action), (1, ("read", 5)))
        self.assertEqual([call.action for call in stuck.order], [("write", 1)])

    def test_a_search_that_takes_too_long_is_undecided(self):
        calls = [Call(0, 10, ("write", i)) for i in range(20)] + [Call(11, 12, ("read", 99))]
        with self.assertRaises(Undecided):
            search(calls, 0, register, most_steps=1000)

    def test_random_histories_are_judged_as_by_trying_all_orders(self):
        verdicts = []
        for seed in range(400):
            rng = random.Random(seed)
            calls = []
            for _ in range(rng.randint(1, 6)):
                begin = rng.randrange(12)
                value, other = rng.randrange(3), rng.randrange(3)
                action = rng.choice((("write", value), ("read", value), ("exchange", value, other)))
                perhaps = rng.random() < 0.2 and action[0] != "read"
                calls.append(Call(begin, begin + rng.randrange(6), action, perhaps))
            verdicts.append(any_order(calls, 0, register))
            found = search(calls, 0, register) is None
            self.assertEqual(found, verdicts[-1], f"seed {seed}: {calls}")
        self.assertGreater(min(verdicts.count(True), verdicts.count(False)), 50)


class Simulation:
    """Clients of a cluster in simulated time: each operation begins, has its effect, and ends.

    Some are told an error instead of their answer, and their effect comes late or never. Subclasses say
    what the operations do. `fault` is what is wrong with the cluster, or "".
    """

    CLIENTS, MOUNTS, OPERATIONS = 6, 3, 60

    def __init__(self, seed, fault=""):
        self.rng, self.fault = random.Random(seed), fault
        self.history, self.moments, self.count = [], [], 0
        for client in range(self.CLIENTS):
            self.at(self.rng.random(), self.begin, client)
        while self.moments:
            self.now, _, action, arguments = heapq.heappop(self.moments)
            action(*arguments)

    def at(self, moment, action, *arguments):
        self.count += 1
        heapq.heappush(self.moments, (moment, self.count, action, arguments))

    def begin(self, client):
        if len(self.history) >= self.OPERATIONS:
            return
        operation = Operation(
            f"worker-{client}", f"mount-{client % self.MOUNTS}", self.KIND, self.now, self.ask(client)
        )
        operation.got["since"] = self.now
        self.history.append(operation)
        way, back = self.rng.expovariate(20), self.rng.expovariate(20)
        if self.rng.random() < 0.07:
            operation.outcome, operation.errno, operation.end = "error", "EIO", self.now + way + back
            if self.rng.random() < 0.7:
                late = self.rng.choice((0, 0, 2 * back))
                self.at(self.now + way + late, self.effect, operation, Operation("", "", "", 0, {}))
        else:
            operation.outcome, operation.end = "ok", self.now + way + back
            self.at(self.now + way, self.effect, operation, operation)
        self.at(operation.end, self.ended, operation)
        self.at(operation.end + self.rng.expovariate(10), self.begin, client)

    def ended(self, operation):
        pass

    def refuse(self, answer, errno):
        answer.outcome, answer.errno = "refused", errno

    def violations(self, check, windows=()):
        for operation in self.history:
            if operation.outcome == "error":
                operation.got.pop("inode", None)
        verdict = Verdict(0, LAST_SECOND)
        check(HistoryOf(self.history), Windows(windows), verdict)
        return verdict.violations + verdict.lost


class HistoryOf:
    """A history of operations that are in memory."""

    def __init__(self, operations):
        self.operations = sorted(operations, key=lambda operation: operation.begin)

    def of(self, *kinds):
        return [operation for operation in self.operations if operation.kind in kinds]


class Names(Simulation):
    """One name. A mount remembers for a second what it saw there."""

    KIND = "name"

    def __init__(self, seed, fault=""):
        self.inode, self.inodes, self.past = None, 0, []
        self.remembered = {}
        super().__init__(seed, fault)
        self.look_at_the_end()

    def ask(self, client):
        if self.fault == "remembered too long" and client % self.MOUNTS == 0:
            return {"name": "n", "do": "look"}
        return {"name": "n", "do": self.rng.choice(tuple(rivals.REFUSED))}

    def effect(self, asked, answer):
        do, mount = asked.asked["do"], asked.mount
        self.inodes += 1
        if do in ("look", "read"):
            self.look(asked, answer)
        elif do in ("create", "link") and self.inode and self.fault != "two firsts":
            self.refuse(answer, "EEXIST")
            self.remembered[mount] = (self.now, self.inode)
        elif do in ("take", "unlink") and not self.inode:
            self.refuse(answer, "ENOENT")
        else:
            answer.got["inode"] = self.inodes
            if self.fault == "a lost change" and self.rng.random() < 0.3:
                return
            self.inode = None if do in ("take", "unlink") else self.inodes
            self.past.append((self.now, self.inode))
            # The kernel knows what its own mount did.
            self.remembered.pop(mount, None)

    def look(self, asked, answer):
        since, inode = self.remembered.get(asked.mount, (float("-inf"), None))
        longest = 3.0 if self.fault == "remembered too long" else rivals.TRUSTED_SECONDS
        if self.now - since > longest:
            inode = self.inode
            if self.fault == "a former leader" and self.rng.random() < 0.5:
                inode = self.before(self.now - 2)
            self.remembered[asked.mount] = (self.now, inode)
        if inode is None:
            self.remembered.pop(asked.mount, None)
            self.refuse(answer, "ENOENT")
        else:
            answer.got["inode"] = inode

    def before(self, moment):
        return next((inode for at, inode in reversed(self.past) if at <= moment), None)

    def look_at_the_end(self):
        listing = Operation("verify", "mount-0", "rivals", LAST_SECOND + 1, {"directory": "0"})
        listing.end, listing.outcome = LAST_SECOND + 2, "ok"
        listing.got["names"] = ["0/n"] if self.inode else []
        for operation in self.history:
            operation.asked["name"] = "0/n"
        self.history.append(listing)


class Locks(Simulation):
    """One lock."""

    KIND = "lock"

    def __init__(self, seed, fault=""):
        self.holder, self.held = None, {}
        super().__init__(seed, fault)

    def ask(self, client):
        holder = self.held.pop(client, None)
        if holder:
            return {"file": "l", "do": "unlock", "holder": holder, "client": client}
        return {"file": "l", "do": "try", "holder": f"{client}-{self.count}", "client": client}

    def effect(self, asked, answer):
        holder = asked.asked["holder"]
        if asked.asked["do"] == "unlock":
            self.holder = None if self.holder == holder else self.holder
            if self.fault == "a lock that stays" and self.rng.random() < 0.3:
                self.holder = "nobody"
        elif self.holder and not (self.fault == "two holders" and self.rng.random() < 0.3):
            self.refuse(answer, "EAGAIN")
        else:
            self.holder = holder

    def ended(self, operation):
        if operation.asked["do"] != "try":
            return
        if operation.outcome == "ok":
            self.held[operation.asked["client"]] = operation.asked["holder"]
        elif operation.outcome == "error":
            # Who is told an error closes the file, and the lock goes at some time after that.
            gone = Operation("", "", "", 0, {**operation.asked, "do": "unlock"})
            self.at(self.now + self.rng.random(), self.effect, gone, gone)


class SimulationTest(unittest.TestCase):
    HISTORIES = 40

    def accused(self, simulation, check, fault):
        return [seed for seed in range(self.HISTORIES) if simulation(seed, fault).violations(check)]

    def test_a_right_cluster_is_never_accused(self):
        self.assertEqual(self.accused(Names, rivals.RivalsCheck, ""), [])
        self.assertEqual(self.accused(Locks, trylocks.TryLocksCheck, ""), [])

    def test_faults_with_names_are_found(self):
        for fault in ("two firsts", "a lost change", "remembered too long", "a former leader"):
            found = self.accused(Names, rivals.RivalsCheck, fault)
            self.assertGreater(len(found), self.HISTORIES / 4, fault)

    def test_faults_with_locks_are_found(self):
        for fault in ("two holders", "a lock that stays"):
            found = self.accused(Locks, trylocks.TryLocksCheck, fault)
            self.assertGreater(len(found), self.HISTORIES / 4, fault)

    def test_a_lock_may_be_lost_only_with_its_session(self):
        held = [
            lock(0, 1, "try", "first", "mount-1"),
            lock(5, 6, "try", "second", "mount-2"),
            lock(8, 9, "unlock", "first", "mount-1"),
        ]
        paused = Window("pause-mount", 2, 7, ("mount-1",), ("EIO", "ESTALE"))
        self.assertEqual(len(violations(held, [])), 1)
        self.assertEqual(violations(held, [paused]), [])

    def test_what_a_power_cut_undid_is_left_out(self):
        twice = [
            lock(0, 1, "try", "first", "mount-1"),
            lock(2, 3, "try", "second", "mount-2"),
            lock(5, 6, "unlock", "first", "mount-1"),
            lock(7, 8, "unlock", "second", "mount-2"),
        ]
        cut = Window("torn-master", 0, 4, forgets_since=0.5, forgets_until=1.5)
        self.assertEqual(len(violations(twice, [])), 1)
        self.assertEqual(violations(twice, [cut]), [])


def lock(begin, end, do, holder, mount):
    asked = {"file": "l", "do": do, "holder": holder}
    return Operation("worker", mount, "lock", begin, asked, end, "ok", got={"since": begin})


def violations(operations, windows):
    verdict = Verdict(0, LAST_SECOND)
    trylocks.TryLocksCheck(HistoryOf(operations), Windows(windows), verdict)
    return verdict.violations


if __name__ == "__main__":
    unittest.main()
