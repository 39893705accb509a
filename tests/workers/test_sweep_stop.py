"""A sweep that is told to stop finishes its round and leaves no lease behind."""

import os
import signal
import subprocess
import sys
import threading
import time

from demo.bootstrap import ROOT
from fulfilment.rounds.models import Scope
from tests.database import as_role
from tests.workers.mesh import Mesh
from workers.engine.due_scopes import run_due_rounds


def test_none_is_begun_after_the_stop(mesh: Mesh) -> None:
    mesh.grant()
    stop = threading.Event()
    stop.set()
    with as_role("meshmarket_worker"):
        assert run_due_rounds(stop=stop) == 0
    assert not Scope.objects.exclude(lease_until=None).exists()


def test_a_process_that_is_told_to_end_in_its_round_gives_the_scope_back(mesh: Mesh) -> None:
    grant = mesh.grant()
    slow = {"kind": "latency", "operation": "BatchGrantPermissions", "milliseconds": 1500}
    mesh.cloud.control("faults", slow)
    sweep = subprocess.Popen(
        [sys.executable, "manage.py", "sweep"],
        cwd=ROOT,
        env={**os.environ, "MESHMARKET_PROCESS": "worker"},
        stderr=subprocess.DEVNULL,
    )
    wait_until_the_call_is_made(mesh)
    sweep.send_signal(signal.SIGTERM)
    assert sweep.wait(15) == 0
    assert not Scope.objects.exclude(lease_until=None).exists()
    assert "SELECT" in mesh.list_held_columns()
    mesh.run_until_presence(grant, "present")


def wait_until_the_call_is_made(mesh: Mesh) -> None:
    deadline = time.monotonic() + 60
    while mesh.cloud.control("faults"):
        assert time.monotonic() < deadline, "the slow call was not made"
        time.sleep(0.05)
