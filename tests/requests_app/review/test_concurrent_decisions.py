"""Many answers in the same moment, on connections of their own: one outcome."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from audit.models import Event
from fulfilment.intents.models import Intent
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError
from requests_app.access_requests.models import Comment, Decision, RequestItem
from requests_app.grants.models import Grant
from requests_app.review.actions import approve_item, reject_item
from requests_app.review.bulk.actions import cancel_bulk_decision, decide_in_bulk
from requests_app.review.bulk.execution import execute_due
from requests_app.review.bulk.models import BulkDecision
from requests_app.review.comments import comment_on_item
from requests_app.review.terms import compute_item_approval_hash
from requests_app.submission.actions import withdraw_item
from tests.bank import Bank, make_bank, submit_bank_item
from tests.database import TestDatabase

AT_ONCE = 24
Call = Callable[[], Any]


def run_at_once(calls: list[Call]) -> list[Any]:
    """What each call returned, or the refusal that it raised."""

    def made(call: Call) -> Any:
        try:
            return call()
        except (IllegalTransitionError, ForbiddenError) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(made, calls))


def build_calls(bank: Bank, item: RequestItem) -> list[Call]:
    """An approval, a rejection and a withdrawal of the item."""
    now, shown = clock.now(), compute_item_approval_hash(item)
    common: dict[str, Any] = {"item_id": item.pk, "comment": "Said.", "now": now}
    return [
        lambda: approve_item(acting_user=bank.ines, effects_hash=shown, **common),
        lambda: reject_item(acting_user=bank.ivo, **common),
        lambda: withdraw_item(acting_user=bank.ana, item_id=item.pk, now=now),
        lambda: approve_item(acting_user=bank.ivo, effects_hash=shown, **common),
    ]


@pytest.mark.all
def test_of_two_hundred_answers_one_counts(committed: TestDatabase) -> None:
    bank = make_bank()
    item = submit_bank_item(bank)
    found = run_at_once(build_calls(bank, item) * 50)
    stand = [one for one in found if not isinstance(one, Exception)]
    assert len(stand) == 1
    assert all(isinstance(one, IllegalTransitionError) for one in found if one not in stand)
    state = RequestItem.objects.get().state
    decided = {"approved": 1, "rejected": 1, "withdrawn": 0}[state]
    granted = int(state == "approved")
    rows = (Decision.objects.count(), Grant.objects.count(), Intent.objects.count())
    assert rows == (decided, granted, granted)
    assert Event.objects.exclude(verb="submit_access_request").count() == 1


def test_one_that_is_undone_as_it_is_carried_out_is_the_one_or_the_other(committed: TestDatabase) -> None:
    bank = make_bank()
    item = submit_bank_item(bank)
    shown = {item.pk: compute_item_approval_hash(item)}
    given = decide_in_bulk(
        acting_user=bank.ines,
        answer="approve",
        effects_hashes=shown,
        comment="",
        idempotency_key="k",
        now=clock.now(),
    )
    before, due = given.due_at - timedelta(seconds=1), given.due_at
    undo: Call = lambda: cancel_bulk_decision(acting_user=bank.ines, bulk_decision_id=given.pk, now=before)  # noqa: E731
    run_at_once([undo, lambda: execute_due(due), undo, lambda: execute_due(due)])
    row = BulkDecision.objects.get()
    assert (row.undone_at is None) == (row.done_at is not None)
    assert Decision.objects.count() == int(row.done_at is not None)


def test_a_double_click_on_a_decision_on_several_is_one(committed: TestDatabase) -> None:
    bank = make_bank()
    item = submit_bank_item(bank)
    shown = {item.pk: compute_item_approval_hash(item)}
    decide: Call = lambda: decide_in_bulk(  # noqa: E731
        acting_user=bank.ines,
        answer="approve",
        effects_hashes=shown,
        comment="",
        idempotency_key="k",
        now=clock.now(),
    )
    first, second = run_at_once([decide, decide])
    assert first == second == BulkDecision.objects.get()


def test_a_comment_clicked_many_times_at_once_is_one(committed: TestDatabase) -> None:
    bank = make_bank()
    item = submit_bank_item(bank)
    say: Call = lambda: comment_on_item(  # noqa: E731
        acting_user=bank.ana, item_id=item.pk, comment="For the board.", idempotency_key="k", now=clock.now()
    )
    run_at_once([say] * 8)
    assert Comment.objects.count() == 1
