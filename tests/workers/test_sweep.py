"""The sweep does all tasks without a broker, in processes of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from background.models import TaskHealth, WorkerProcess
from background.task_table import TASKS, TaskName
from demo.bootstrap import ROOT
from demo.embedded.child_process import has_ended, wait_until
from fulfilment.intents.models import Intent
from fulfilment.rounds import Scope, Step
from tests.database import as_role
from tests.workers.celery_processes import VARIABLES
from tests.workers.mesh import Mesh
from workers import sweep as workers_sweep
from workers.dispatch.loop import list_due
from workers.stop import SharedFlag
from workers.sweep import list_lanes

TIMEOUT_SECONDS = 30.0


def test_every_task_has_a_lane() -> None:
    assert {task for lane in list_lanes() for task in lane} == set(TASKS)


def test_a_sync_holds_up_nothing_but_syncs() -> None:
    for lane in list_lanes():
        if TaskName.READ_CATALOG in lane:
            assert set(lane) == {TaskName.READ_CATALOG, TaskName.READ_DATABASE}


@pytest.fixture
def sweep(mesh: Mesh) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, **VARIABLES, "REDIS_URL": ""}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sweep"], cwd=ROOT, env=environment, start_new_session=True
    )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(TIMEOUT_SECONDS)


def list_children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_present(intent: Intent) -> bool:
    return Intent.objects.get(pk=intent.pk).presence == Intent.Presence.PRESENT


def test_a_lane_that_is_killed_is_started_again(mesh: Mesh, sweep: subprocess.Popen[bytes]) -> None:
    assert wait_until(WorkerProcess.objects.filter(kind="sweep").exists, TIMEOUT_SECONDS)
    assert wait_until(
        TaskHealth.objects.filter(part="sweep of engine.converge_scope").exists, TIMEOUT_SECONDS
    )
    children = list_children(sweep.pid)
    assert len(children) == len(list_lanes())
    for child in children:
        os.kill(child, signal.SIGKILL)

    grant = mesh.grant()

    assert wait_until(lambda: is_present(grant.intent), TIMEOUT_SECONDS)


def test_lanes_end_with_a_sweep_that_is_killed(mesh: Mesh, sweep: subprocess.Popen[bytes]) -> None:
    assert wait_until(
        TaskHealth.objects.filter(part="sweep of engine.converge_scope").exists, TIMEOUT_SECONDS
    )
    children = list_children(sweep.pid)
    assert len(children) == len(list_lanes())
    sweep.kill()
    assert wait_until(lambda: all(has_ended(child) for child in children), TIMEOUT_SECONDS)


def test_a_sweep_that_is_told_to_stop_ends_within_seconds(mesh: Mesh, sweep: subprocess.Popen[bytes]) -> None:
    assert wait_until(WorkerProcess.objects.filter(kind="sweep").exists, TIMEOUT_SECONDS)
    began = time.monotonic()
    sweep.terminate()
    assert sweep.wait(TIMEOUT_SECONDS) == 0
    assert time.monotonic() - began < 10
    assert not WorkerProcess.objects.filter(kind="sweep").exists()


def test_a_sweep_that_is_told_to_stop_finishes_its_round(mesh: Mesh, sweep: subprocess.Popen[bytes]) -> None:
    slow = {"kind": "latency", "operation": "BatchGrantPermissions", "milliseconds": 700}
    mesh.cloud.control("faults", slow)
    grant = mesh.grant()
    assert wait_until(lambda: not mesh.cloud.control("faults"), TIMEOUT_SECONDS)
    sweep.terminate()
    assert sweep.wait(TIMEOUT_SECONDS) == 0
    assert not Scope.objects.exclude(lease_until=None).exists()
    assert not Step.objects.filter(outcome=Step.Outcome.SENT).exists()
    mesh.run_until_presence(grant, "present")


def test_no_row_is_begun_after_the_stop(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    mesh.grant()
    stop = SharedFlag()
    stop.set()
    monkeypatch.setattr(workers_sweep, "STOP", stop)
    with as_role("meshmarket_worker"):
        assert list_due(TaskName.CONVERGE_SCOPE)
        assert workers_sweep.run_due_rows(TaskName.CONVERGE_SCOPE) == []
