"""One row for each event, person and channel: with two at work, one of them killed, and work that is rolled back."""

import os
import signal
import subprocess
import sys
import time

from django.db import transaction

from audit.actions import record_event, seal_pending
from demo.bootstrap import ROOT
from kernel import clock
from requests_app.notifications.models import Notification, ProjectionPosition
from requests_app.notifications.projection import project_events
from tests.bank import make_bank, submit_bank_item, submit_bank_request
from tests.database import TestDatabase, as_role
from tests.requests_app.notifications.projection import project_all_events
from tests.requests_app.test_concurrency import run_at_once

HOLDING = """
import django, time
django.setup()
from requests_app.notifications import projection
from kernel import clock
from audit.actions import record_event
from audit.actions import seal_pending
def told(event, now, real=projection.build_notifications):
    rows = real(event, now)
    print("told", flush=True)
    time.sleep(60)
    return rows
projection.build_notifications = told
projection.project_events(now=clock.now())
"""


def test_nothing_is_told_before_the_commit_and_nothing_of_what_is_rolled_back(
    committed: TestDatabase,
) -> None:
    item = submit_bank_item(make_bank())
    project_all_events()
    rows = Notification.objects.count()
    said = {"verb": "reject_item", "actor": "engine:x", "subject": f"item:{item.pk}", "data": {}}
    with transaction.atomic():
        record_event(**said, now=clock.now())  # type: ignore[arg-type]
        run_at_once(project_all_events)
        transaction.set_rollback(True)
    assert (project_all_events(), Notification.objects.count()) == (0, rows)


def test_of_two_deliverers_each_event_is_told_once(committed: TestDatabase) -> None:
    bank = make_bank()
    for number in range(3):
        submit_bank_request(bank, idempotency_key=f"form-{number}")
    project_all_events(clock.now())
    rows = Notification.objects.count()
    with as_role("meshmarket_worker"):
        ProjectionPosition.objects.update(seq=0)
    run_at_once(*[project_all_events] * 4)
    assert Notification.objects.count() == rows == 6


def test_a_deliverer_that_is_killed_leaves_nothing_half_told(committed: TestDatabase) -> None:
    bank = make_bank()
    submit_bank_request(bank)
    with as_role("meshmarket_sealer"):
        seal_pending()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "demo.settings",
        "MESHMARKET_PROCESS": "worker",
    }
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDING], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"told\n"
    with as_role("meshmarket_worker"):
        assert project_events(now=clock.now()) == 0
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    patience = time.monotonic() + 10
    while not project_all_events() and time.monotonic() < patience:
        time.sleep(0.05)
    assert Notification.objects.count() == 2
