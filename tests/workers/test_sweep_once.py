"""`manage.py sweep --once`: one pass, as a timer may call it where no sweep runs."""

import os
import subprocess
import sys
from datetime import timedelta

from audit.models import Event, Pending
from background.models import TaskFailure
from background.task_table import ALL_ROWS, TaskName
from demo.bootstrap import ROOT
from fulfilment.intents.models import Intent
from requests_app.grants.models import Grant
from tests.database import as_role, without_triggers
from tests.portal.health.workers import WORKER, fail_task, queue_task
from tests.workers.mesh import Mesh


def test_it_applies_warns_seals_and_ends(mesh: Mesh) -> None:
    made = mesh.grant().granted_at
    ends = made + timedelta(days=2)
    with without_triggers():
        Grant.objects.update(granted_at=made - timedelta(days=28), ends_at=ends)
        Intent.objects.update(expires_at=ends)
    queue_task(
        TaskName.SEAL, ALL_ROWS, age=timedelta(seconds=5)
    )  # a message of a broker that is there no more
    failure = fail_task(TaskName.SEND_MAIL, 987)
    with as_role(WORKER):
        TaskFailure.objects.update(retry_at=failure.retry_at - timedelta(minutes=5))
    sweep = subprocess.run(
        [sys.executable, "manage.py", "sweep", "--once"],
        cwd=ROOT,
        env={**os.environ, "MESHMARKET_PROCESS": "worker", "REDIS_URL": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert sweep.returncode == 0, sweep.stderr
    assert "SELECT" in mesh.list_held_columns()
    assert Event.objects.filter(verb="warn_expiry").exists()
    assert not Pending.objects.exists()
    assert not TaskFailure.objects.filter(resolved_at=None).exists()
