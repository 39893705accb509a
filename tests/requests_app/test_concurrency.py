"""Two people, or one person twice, in the same moment: real commits on two connections."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection

from audit import clock
from audit.models import Event
from fulfilment.intents.models import Intent
from identity.errors import RefusedError
from requests_app.access_requests.models import AccessRequest, Decision
from requests_app.access_reviews.actions import start_campaign
from requests_app.access_reviews.models import Campaign
from requests_app.access_reviews.scope import AccessReviewScope
from requests_app.break_glass.actions import give_consent
from requests_app.break_glass.models import StandingConsent
from requests_app.grants.models import Grant
from requests_app.state_transitions import IllegalTransitionError
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import approve, ask, asked_item, make_bank
from tests.database import TestDatabase


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned or raised; they set off together."""
    results: list[Any] = [None] * len(calls)
    start = threading.Barrier(len(calls))

    def run(place: int) -> None:
        start.wait()
        try:
            results[place] = calls[place]()
        except (IllegalTransitionError, RefusedError) as error:
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
    item = asked_item(bank)
    results = at_once(lambda: approve(bank, item), lambda: approve(bank, item, by=bank.ivo))
    assert sorted(type(result).__name__ for result in results) == ["Grant", "IllegalTransitionError"]
    assert (Decision.objects.count(), Grant.objects.count(), Intent.objects.count()) == (1, 1, 1)
    assert Event.objects.filter(verb="approve_item").count() == 1


def test_a_form_sent_twice_at_once_is_one_request(committed: TestDatabase) -> None:
    bank = make_bank()
    first, second = at_once(lambda: ask(bank), lambda: ask(bank))
    assert first == second
    assert (AccessRequest.objects.count(), Event.objects.count()) == (1, 1)


def test_a_campaign_started_twice_at_once_is_one(committed: TestDatabase) -> None:
    bank = make_bank()
    approve(bank, asked_item(bank))
    now = clock.now()

    def start() -> Campaign:
        return start_campaign(
            acting_user=bank.ines, name="Autumn", scope=AccessReviewScope(domain=bank.domain),
            due_at=now + timedelta(days=7), key="form-1", now=now,
        )  # fmt: skip

    first, second = at_once(start, start)
    assert first == second
    assert (Campaign.objects.count(), Event.objects.filter(verb="start_campaign").count()) == (1, 1)


def test_a_consent_given_twice_at_once_is_one(committed: TestDatabase) -> None:
    bank = make_bank()
    ben = factories.make_person("Ben Frey")
    factories.join(bank.bi, "member", [ben])
    now = clock.now()

    def give() -> StandingConsent:
        return give_consent(
            acting_user=bank.ines, domain=bank.domain, taker=bank.ana, second=ben, principal=bank.role,
            tables=[bank.claims], hours=4, until=now + timedelta(days=90), reason="Incidents.", key="form-1",
            now=now,
        )  # fmt: skip

    first, second = at_once(give, give)
    assert first == second
    assert Event.objects.filter(verb="give_consent").count() == 1


def test_of_two_overlapping_approvals_the_second_sees_the_first(committed: TestDatabase) -> None:
    bank = make_bank()
    plain = asked_item(bank)
    asked = RequestedItem(
        bank.claims.pk, ("claim_id",), whole_table=False, product_id=None, row_rule="iban = '7'"
    )
    ruled = asked_item(bank, items=[asked], submission_key="form-2")
    results = at_once(lambda: approve(bank, plain), lambda: approve(bank, ruled, by=bank.ivo))
    assert sorted(type(result).__name__ for result in results) == ["Grant", "RefusedError"]
    assert Grant.objects.count() == 1
