"""One row for each event, person and channel: with two at work, one of them killed, and work that is rolled back."""

import os
import signal
import subprocess
import sys
import time

from django.db import transaction

from audit import clock
from audit.actions import record
from audit.sealing import seal_pending
from demo.bootstrap import ROOT
from requests_app.notifications.models import Notice, ToldUpTo
from requests_app.notifications.projection import project_events
from tests.bank import ask, asked_item, make_bank
from tests.database import TestDatabase, as_role
from tests.requests_app.notifications.projection_setup import tell
from tests.requests_app.test_concurrency import at_once

HOLDING = """
import django, time
django.setup()
from requests_app.notifications import projection
from audit import clock
from audit.actions import record
from audit.sealing import seal_pending
def told(event, now, real=projection.build_notices):
    rows = real(event, now)
    print("told", flush=True)
    time.sleep(60)
    return rows
projection.build_notices = told
projection.project_events(now=clock.now())
"""


def test_nothing_is_told_before_the_commit_and_nothing_of_what_is_rolled_back(
    committed: TestDatabase,
) -> None:
    item = asked_item(make_bank())
    tell()
    rows = Notice.objects.count()
    said = {"verb": "reject_item", "actor": "person:0", "subject": f"item:{item.pk}", "data": {}}
    with transaction.atomic():
        record(**said, now=clock.now())  # type: ignore[arg-type]
        at_once(tell)
        transaction.set_rollback(True)
    assert (tell(), Notice.objects.count()) == (0, rows)


def test_of_two_deliverers_each_event_is_told_once(committed: TestDatabase) -> None:
    bank = make_bank()
    for number in range(3):
        ask(bank, submission_key=f"form-{number}")
    tell(clock.now())
    rows = Notice.objects.count()
    with as_role("meshmarket_worker"):
        ToldUpTo.objects.update(seq=0)
    at_once(*[tell] * 4)
    assert Notice.objects.count() == rows == 6


def test_a_deliverer_that_is_killed_leaves_nothing_half_told(committed: TestDatabase) -> None:
    bank = make_bank()
    ask(bank)
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
    while not tell() and time.monotonic() < patience:
        time.sleep(0.05)
    assert Notice.objects.count() == 2
