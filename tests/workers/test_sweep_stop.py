"""A sweep that is told to stop finishes its round and leaves no lease behind."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from demo.bootstrap import ROOT
from fulfilment.background.task_table import TaskName
from fulfilment.rounds.models import Scope
from tests.database import as_role
from tests.workers.mesh import Mesh
from workers import sweep
from workers.dispatch.dispatcher import list_due


def test_none_is_begun_after_the_stop(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    mesh.grant()
    stop = threading.Event()
    stop.set()
    monkeypatch.setattr(sweep, "STOP", stop)
    with as_role("meshmarket_worker"):
        assert list_due(TaskName.CONVERGE_SCOPE)
        assert sweep.run_due_rows(TaskName.CONVERGE_SCOPE) == []
    assert not Scope.objects.exclude(lease_until=None).exists()


def test_a_process_that_is_told_to_end_in_its_round_gives_the_scope_back(mesh: Mesh) -> None:
    grant = mesh.grant()
    slow = {"kind": "latency", "operation": "BatchGrantPermissions", "milliseconds": 1500}
    mesh.cloud.control("faults", slow)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sweep"],
        cwd=ROOT,
        env={**os.environ, "MESHMARKET_PROCESS": "worker"},
        stderr=subprocess.DEVNULL,
    )
    wait_until_the_call_is_made(mesh)
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0
    assert not Scope.objects.exclude(lease_until=None).exists()
    assert "SELECT" in mesh.list_held_columns()
    mesh.run_until_presence(grant, "present")


def wait_until_the_call_is_made(mesh: Mesh) -> None:
    deadline = time.monotonic() + 60
    while mesh.cloud.control("faults"):
        assert time.monotonic() < deadline, "the slow call was not made"
        time.sleep(0.05)
