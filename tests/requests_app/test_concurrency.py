"""Two people, or one person twice, in the same moment: real commits on two connections."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection

from audit.models import Event
from fulfilment.intents.models import Intent
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, RefusedError
from requests_app.access_requests.models import AccessRequest, Decision
from requests_app.access_reviews.actions import start_access_review
from requests_app.access_reviews.models import AccessReview
from requests_app.access_reviews.scope import AccessReviewScope
from requests_app.break_glass.actions import give_consent
from requests_app.break_glass.models import BreakGlassConsent
from requests_app.grants.models import Grant
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import approve, make_bank, submit_bank_item, submit_bank_request
from tests.database import TestDatabase
from tests.requests_app.database_request import submit_for_bank_database


def run_at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned or raised; they set off together."""
    results: list[Any] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def run(place: int) -> None:
        start.wait()
        try:
            results[place] = calls[place]()
        except (ForbiddenError, IllegalTransitionError, RefusedError) as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def test_of_two_approvers_one_decides(committed: TestDatabase) -> None:
    bank = make_bank()
    item = submit_bank_item(bank)
    results = run_at_once(lambda: approve(bank, item), lambda: approve(bank, item, by=bank.ivo))
    assert sorted(type(result).__name__ for result in results) == ["Grant", "IllegalTransitionError"]
    assert (Decision.objects.count(), Grant.objects.count(), Intent.objects.count()) == (1, 1, 1)
    assert Event.objects.filter(verb="approve_item").count() == 1


def test_a_form_sent_twice_at_once_is_one_request(committed: TestDatabase) -> None:
    bank = make_bank()
    first, second = run_at_once(lambda: submit_bank_request(bank), lambda: submit_bank_request(bank))
    assert first == second
    assert (AccessRequest.objects.count(), Event.objects.count()) == (1, 1)


def test_a_database_form_sent_twice_at_once_is_one_request(committed: TestDatabase) -> None:
    bank = make_bank()
    first, second = run_at_once(
        lambda: submit_for_bank_database(bank), lambda: submit_for_bank_database(bank)
    )
    assert first == second
    assert AccessRequest.objects.count() == 1


def test_a_campaign_started_twice_at_once_is_one(committed: TestDatabase) -> None:
    bank = make_bank()
    approve(bank, submit_bank_item(bank))
    now = clock.now()

    def start() -> AccessReview:
        return start_access_review(
            acting_user=bank.ines, name="Autumn", scope=AccessReviewScope(domain=bank.domain),
            due_at=now + timedelta(days=7), idempotency_key="form-1", now=now,
        )  # fmt: skip

    first, second = run_at_once(start, start)
    assert first == second
    assert (AccessReview.objects.count(), Event.objects.filter(verb="start_access_review").count()) == (1, 1)


def test_a_consent_given_twice_at_once_is_one(committed: TestDatabase) -> None:
    bank = make_bank()
    ben = factories.make_person("Ben Frey")
    factories.add_members(bank.bi, "member", [ben])
    now = clock.now()

    def give() -> BreakGlassConsent:
        return give_consent(
            acting_user=bank.ines, domain=bank.domain, named_person=bank.ana, second_person=ben, principal=bank.role,
            tables=[bank.claims], max_hours=4, expires_at=now + timedelta(days=90), reason="Incidents.", idempotency_key="form-1",
            now=now,
        )  # fmt: skip

    first, second = run_at_once(give, give)
    assert first == second
    assert Event.objects.filter(verb="give_consent").count() == 1


def test_of_two_overlapping_approvals_the_second_sees_the_first(committed: TestDatabase) -> None:
    bank = make_bank()
    plain = submit_bank_item(bank)
    asked = RequestedItem(
        bank.claims.pk, ("claim_id",), whole_table=False, product_id=None, row_filter="iban = '7'"
    )
    ruled = submit_bank_item(bank, items=[asked], idempotency_key="form-2")
    results = run_at_once(lambda: approve(bank, plain), lambda: approve(bank, ruled, by=bank.ivo))
    assert sorted(type(result).__name__ for result in results) == ["Grant", "RefusedError"]
    assert Grant.objects.count() == 1
