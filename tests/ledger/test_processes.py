"""Processor seconds from /proc."""

import os
import subprocess
import sys

import psycopg
import pytest

from tests.database import TestDatabase
from tests.ledger.processes import Meter, Sessions, find_server, read_descendants, read_process

WORK = "sum(i * i for i in range(3_000_000))"
STAYS = f"import sys\n{WORK}\nprint(1, flush=True)\nsys.stdin.read()"

needs_proc = pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="needs Linux's /proc")  # noqa: PTH110


@needs_proc
def test_a_child_counts_while_it_runs_and_once_it_has_been_waited_for() -> None:
    meter = Meter()
    before = meter.read()
    with subprocess.Popen([sys.executable, "-c", STAYS], stdin=-1, stdout=-1) as child:
        assert child.stdout
        child.stdout.readline()
        running = (meter.read() - before).children
        child.communicate()
    ended = (meter.read() - before).children
    assert 0 < running <= ended < 2 * running + 1


@needs_proc
def test_own_work_is_the_test_processs() -> None:
    meter = Meter()
    before = meter.read()
    used = 0.0
    while not used:
        eval(WORK)  # noqa: S307 - a constant
        used = (meter.read() - before).own
    assert used > 0


def test_what_has_ended_uses_nothing() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert read_process(child.pid, with_children=True) == 0
    assert read_descendants(child.pid) == 0


@needs_proc
def test_sessions_at_the_own_database_are_measured(own_database: TestDatabase) -> None:
    server = find_server()
    if server is None:
        pytest.skip("the server is not the run's own")
    address = os.environ["DATABASE_URL"]
    ours, others = Sessions(server, own_database.name), Sessions(server, "another")
    with psycopg.connect(address) as session:
        before = ours.read(), others.read()
        while ours.read() == before[0]:
            session.execute("SELECT sum(number) FROM generate_series(1, 300000) AS number")
    assert others.read() == before[1]
