"""The key of a form that comes again: with the same contents it is one, with others it is refused and nothing is lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from identity.people.models import Person
from kernel import clock
from kernel.errors import RefusedError
from requests_app.access_requests.input_checks import check_idempotency_key
from requests_app.access_requests.models import RequestItem
from requests_app.access_reviews.actions import start_access_review
from requests_app.access_reviews.models import AccessReview
from requests_app.access_reviews.scope import AccessReviewScope
from requests_app.break_glass.actions import give_consent, open_break_glass_session
from requests_app.break_glass.models import BreakGlassConsent, BreakGlassSession
from requests_app.review.bulk.actions import decide_in_bulk
from requests_app.review.bulk.models import BulkDecision
from requests_app.review.terms import compute_item_approval_hash
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request

CONFLICT_TEXT = "with other contents"


@pytest.fixture
def now() -> datetime:
    return clock.now()


@pytest.fixture
def ben(bank: Bank) -> Person:
    person = factories.make_person("Ben Frey")
    factories.add_members(bank.bi, "member", [person])
    return person


def compute_hashes(item: RequestItem) -> dict[int, str]:
    return {item.pk: compute_item_approval_hash(item)}


@pytest.mark.parametrize("key", ["", "k" * 65])
def test_a_key_that_is_none_or_too_long_is_refused(key: str) -> None:
    with pytest.raises(RefusedError, match="must have 1 to 64 characters"):
        check_idempotency_key(key)


def test_hours_that_come_again_count_from_when_they_come(bank: Bank, now: datetime) -> None:
    first = submit_bank_request(bank, ends_at=now + timedelta(hours=4), now=now)
    later = now + timedelta(minutes=20)
    for same in (now + timedelta(hours=4), later + timedelta(hours=4)):
        assert submit_bank_request(bank, ends_at=same, now=later) == first
    for other in (later + timedelta(hours=3), later + timedelta(hours=5)):
        with pytest.raises(RefusedError, match=CONFLICT_TEXT):
            submit_bank_request(bank, ends_at=other, now=later)


def test_of_a_campaign(bank: Bank, now: datetime) -> None:
    approve(bank, submit_bank_item(bank))
    said: dict[str, Any] = {
        "acting_user": bank.ines, "name": "Autumn", "scope": AccessReviewScope(domain=bank.domain),
        "due_at": now + timedelta(days=7), "idempotency_key": "k", "now": now,
    }  # fmt: skip
    first = start_access_review(**said)
    assert start_access_review(**said | {"now": now + timedelta(days=30)}) == first
    narrower = AccessReviewScope(domain=bank.domain, classification="public")
    others = {"name": "Winter", "scope": narrower, "due_at": now + timedelta(days=8)}
    for name, other in others.items():
        with pytest.raises(RefusedError, match=CONFLICT_TEXT):
            start_access_review(**said | {name: other})
    assert AccessReview.objects.count() == 1


def test_of_a_consent_and_of_access_taken_under_it(bank: Bank, ben: Person, now: datetime) -> None:
    orders = factories.make_table(bank.claims.database, "orders", ["id"])
    said: dict[str, Any] = {
        "acting_user": bank.ines, "domain": bank.domain, "named_person": bank.ana, "second_person": ben, "principal": bank.role,
        "tables": [bank.claims], "max_hours": 4, "expires_at": now + timedelta(days=90), "reason": "Incidents.", "idempotency_key": "k",
        "now": now,
    }  # fmt: skip
    consent = give_consent(**said)
    assert give_consent(**said | {"now": now + timedelta(days=99)}) == consent
    swapped = {"named_person": ben, "second_person": bank.ana}
    others: list[dict[str, Any]] = [
        swapped,
        {"tables": [bank.claims, orders]},
        {"max_hours": 5},
        {"reason": "Night shifts."},
    ]
    for other in others:
        with pytest.raises(RefusedError, match=CONFLICT_TEXT):
            give_consent(**said | other)
    assert BreakGlassConsent.objects.count() == 1

    words: dict[str, Any] = {
        "acting_user": bank.ana, "consent_id": consent.pk, "hours": 2, "reason": "Incident 4711 at night.",
        "idempotency_key": "b", "now": now,
    }  # fmt: skip
    taken = open_break_glass_session(**words)
    assert open_break_glass_session(**words) == taken
    for other in ({"hours": 3}, {"reason": "Incident 4712 at night."}):
        with pytest.raises(RefusedError, match=CONFLICT_TEXT):
            open_break_glass_session(**words | other)
    assert BreakGlassSession.objects.count() == 1


def test_of_a_decision_on_several(bank: Bank, now: datetime) -> None:
    item, role = submit_bank_item(bank), factories.make_principal(bank.bi_account, "other")
    other = submit_bank_request(bank, principal=role, idempotency_key="o").items.get()
    said: dict[str, Any] = {
        "acting_user": bank.ines, "answer": "approve", "effects_hashes": compute_hashes(item), "comment": "Fine.",
        "idempotency_key": "k", "now": now,
    }  # fmt: skip
    assert decide_in_bulk(**said) == decide_in_bulk(**said)
    for changed in (
        {"answer": "reject"},
        {"comment": "Not fine."},
        {"effects_hashes": compute_hashes(other)},
    ):
        with pytest.raises(RefusedError, match=CONFLICT_TEXT):
            decide_in_bulk(**said | changed)
    assert BulkDecision.objects.count() == 1
