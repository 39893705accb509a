"""A background task carries out what is due by itself: nobody's page has to stay open."""

import threading
import time

from pytest_django import Settings

from kernel import clock
from marketplace.deferred_decisions import run_deferred_decisions
from requests_app.access_requests.models import Decision
from requests_app.review.bulk.actions import decide_in_bulk
from requests_app.review.bulk.models import BulkDecision
from requests_app.review.terms import compute_item_approval_hash
from tests.bank import make_bank, submit_bank_item
from tests.database import TestDatabase

PATIENCE = 60.0


def test_what_is_due_is_carried_out_by_whichever_of_two_looks_first(
    committed: TestDatabase, settings: Settings
) -> None:
    settings.BULK_DELAY = settings.DECIDE_EVERY = 0.05
    bank, stop = make_bank(), threading.Event()
    item = submit_bank_item(bank)
    clerks = [
        threading.Thread(target=run_deferred_decisions, args=[stop], daemon=True) for _number in range(2)
    ]
    for clerk in clerks:
        clerk.start()
    shown = {item.pk: compute_item_approval_hash(item)}
    decide_in_bulk(
        acting_user=bank.ines,
        answer="approve",
        effects_hashes=shown,
        comment="",
        idempotency_key="k",
        now=clock.now(),
    )
    given_up = time.monotonic() + PATIENCE
    while not BulkDecision.objects.filter(done_at__isnull=False).exists() and time.monotonic() < given_up:
        time.sleep(0.05)
    stop.set()
    for clerk in clerks:
        clerk.join(PATIENCE)
    assert Decision.objects.count() == 1
