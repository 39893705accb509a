"""The key of a form that comes again: with the same contents it is one, with others it is refused and nothing is lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from audit import clock
from identity.errors import RefusedError
from identity.people.models import Person
from requests_app.access_requests.input_checks import check_key
from requests_app.access_requests.models import Item
from requests_app.access_reviews.actions import start_campaign
from requests_app.access_reviews.models import Campaign
from requests_app.access_reviews.scope import AccessReviewScope
from requests_app.break_glass.actions import give_consent, take_break_glass
from requests_app.break_glass.models import BreakGlass, StandingConsent
from requests_app.review.approval_hash import compute_item_approval_hash
from requests_app.review.bulk.actions import decide_in_bulk
from requests_app.review.bulk.models import BulkDecision
from tests import factories
from tests.bank import Bank, approve, ask, asked_item

OTHERWISE = "with other contents"


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture
def ben(bank: Bank) -> Person:
    person = factories.make_person("Ben Frey")
    factories.join(bank.bi, "member", [person])
    return person


def shown(item: Item) -> dict[int, str]:
    return {item.pk: compute_item_approval_hash(item)}


@pytest.mark.parametrize("key", ["", "k" * 65])
def test_a_key_that_is_none_or_too_long_is_refused(key: str) -> None:
    with pytest.raises(RefusedError, match="must have 1 to 64 characters"):
        check_key(key)


def test_hours_that_come_again_count_from_when_they_come(bank: Bank, now: datetime) -> None:
    first = ask(bank, ends_at=now + timedelta(hours=4), now=now)
    later = now + timedelta(minutes=20)
    for same in (now + timedelta(hours=4), later + timedelta(hours=4)):
        assert ask(bank, ends_at=same, now=later) == first
    for other in (later + timedelta(hours=3), later + timedelta(hours=5)):
        with pytest.raises(RefusedError, match=OTHERWISE):
            ask(bank, ends_at=other, now=later)


def test_of_a_campaign(bank: Bank, now: datetime) -> None:
    approve(bank, asked_item(bank))
    said: dict[str, Any] = {
        "acting_user": bank.ines, "name": "Autumn", "scope": AccessReviewScope(domain=bank.domain),
        "due_at": now + timedelta(days=7), "key": "k", "now": now,
    }  # fmt: skip
    first = start_campaign(**said)
    assert start_campaign(**said | {"now": now + timedelta(days=30)}) == first
    narrower = AccessReviewScope(domain=bank.domain, classification="public")
    others = {"name": "Winter", "scope": narrower, "due_at": now + timedelta(days=8)}
    for name, other in others.items():
        with pytest.raises(RefusedError, match=OTHERWISE):
            start_campaign(**said | {name: other})
    assert Campaign.objects.count() == 1


def test_of_a_consent_and_of_access_taken_under_it(bank: Bank, ben: Person, now: datetime) -> None:
    orders = factories.make_table(bank.claims.database, "orders", ["id"])
    said: dict[str, Any] = {
        "acting_user": bank.ines, "domain": bank.domain, "taker": bank.ana, "second": ben, "principal": bank.role,
        "tables": [bank.claims], "hours": 4, "until": now + timedelta(days=90), "reason": "Incidents.", "key": "k",
        "now": now,
    }  # fmt: skip
    consent = give_consent(**said)
    assert give_consent(**said | {"now": now + timedelta(days=99)}) == consent
    swapped = {"taker": ben, "second": bank.ana}
    others: list[dict[str, Any]] = [
        swapped,
        {"tables": [bank.claims, orders]},
        {"hours": 5},
        {"reason": "Night shifts."},
    ]
    for other in others:
        with pytest.raises(RefusedError, match=OTHERWISE):
            give_consent(**said | other)
    assert StandingConsent.objects.count() == 1

    words: dict[str, Any] = {
        "acting_user": bank.ana, "consent_id": consent.pk, "hours": 2, "reason": "Incident 4711 at night.",
        "key": "b", "now": now,
    }  # fmt: skip
    taken = take_break_glass(**words)
    assert take_break_glass(**words) == taken
    for other in ({"hours": 3}, {"reason": "Incident 4712 at night."}):
        with pytest.raises(RefusedError, match=OTHERWISE):
            take_break_glass(**words | other)
    assert BreakGlass.objects.count() == 1


def test_of_a_decision_on_several(bank: Bank, now: datetime) -> None:
    item, role = asked_item(bank), factories.make_principal(bank.bi_account, "other")
    other = ask(bank, principal=role, submission_key="o").items.get()
    said: dict[str, Any] = {
        "acting_user": bank.ines, "answer": "approve", "shown": shown(item), "comment": "Fine.",
        "key": "k", "now": now,
    }  # fmt: skip
    assert decide_in_bulk(**said) == decide_in_bulk(**said)
    for changed in ({"answer": "reject"}, {"comment": "Not fine."}, {"shown": shown(other)}):
        with pytest.raises(RefusedError, match=OTHERWISE):
            decide_in_bulk(**said | changed)
    assert BulkDecision.objects.count() == 1
