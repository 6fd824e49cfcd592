"""What people were told is done, to be compared with what is there."""

import itertools
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests import factories as make

# Far from what the house has used.
_numbers = itertools.count(100_000)


def department(name):
    """The form 新增二级单位, filled in: the 二级单位, its manager's grant and two lines of the audit trail in one."""
    return {
        "name": name,
        "holder_name": "样例管理人员",
        "holder_mobile": "16900000003",
        "holder_id_number": make.id_number(next(_numbers)),
        "version": "0",
        "seen_name": "",
    }


class Writers:
    """As many as the house has, each a unit that adds one 二级单位 after the other until told to stop.

    `answers` is every Answer; `acknowledged` the names of which the site said that they are saved.
    """

    def __init__(self, world):
        self._world = world
        self._tag = uuid.uuid4().hex[:6]
        self._enough = threading.Event()
        self.answers, self.acknowledged = [], []

    def _write(self, number):
        visitor = self._world.visitor("writers", number)
        for count in itertools.count(1):
            if self._enough.is_set():
                return
            name = f"{self._tag}第{number}组第{count}所"
            answer = visitor.post("/departments/new/", department(name))
            self.answers.append(answer)
            if answer.acknowledged:
                self.acknowledged.append(name)
            else:
                time.sleep(0.05)

    @contextmanager
    def at_work(self):
        """They write while the block runs."""
        with ThreadPoolExecutor(len(self._world.writers)) as pool:
            writing = [pool.submit(self._write, number) for number in range(len(self._world.writers))]
            try:
                yield self
            finally:
                self._enough.set()
            for one in writing:
                one.result()

    def wait_for(self, more, seconds=30):
        """Until so many more are acknowledged."""
        wanted, ends = len(self.acknowledged) + more, time.monotonic() + seconds
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < ends, [answer.status for answer in self.answers[-20:]]
            time.sleep(0.02)

    @property
    def statuses(self):
        return {answer.status for answer in self.answers}

    @property
    def slowest(self):
        return max(answer.seconds for answer in self.answers)

    def assert_kept(self, database=None, acknowledged=None):
        """Every acknowledged write is there once, and nothing is there by halves."""
        world, database = self._world, database or self._world.database
        acknowledged = self.acknowledged if acknowledged is None else acknowledged

        def of(statement):
            return world.server.query(database, statement, world.writers)

        names = sorted(name for (name,) in of("SELECT name FROM orgs_department WHERE unit_id = ANY(%s)"))
        assert set(acknowledged) <= set(names)
        assert len(names) == len(set(names))
        managed = of("SELECT d.name FROM orgs_grant g JOIN orgs_department d ON d.id = g.department_id"
                     " WHERE g.unit_id = ANY(%s) AND g.role = 'manager' AND g.ended_at IS NULL")  # fmt: skip
        assert sorted(name for (name,) in managed) == names
        for action in ("department_created", "granted"):
            lines = of(f"SELECT count(*) FROM accounts_auditevent WHERE unit_id = ANY(%s) AND action = '{action}'")
            assert lines == [(len(names),)]
