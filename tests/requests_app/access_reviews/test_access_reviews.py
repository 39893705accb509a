"""Access reviews: what nobody keeps by the due date ends, and each item says who decided."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from audit.models import Event
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.access_reviews.actions import (
    cancel_access_review,
    keep_review_items,
    revoke_review_items,
    settle_review_item,
    start_access_review,
)
from requests_app.access_reviews.deadlines import settle_access_reviews
from requests_app.access_reviews.models import AccessReview, AccessReviewItem
from requests_app.access_reviews.queries import (
    count_review_items,
    list_access_reviews,
    list_decidable_reviews,
)
from requests_app.access_reviews.scope import AccessReviewScope
from requests_app.grants.actions import revoke_grant
from requests_app.grants.end_dates import EndKind, NearestEnd, get_nearest_end
from requests_app.grants.expiry_warnings import filter_next_ending
from requests_app.grants.models import Grant
from requests_app.grants.queries import list_visible_grants
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_request

DUE = timedelta(days=7)


@pytest.fixture
def grants(bank: Bank) -> list[Grant]:
    return [make_grant(bank, f"role-{number}") for number in range(3)]


def make_grant(bank: Bank, name: str, **changes: object) -> Grant:
    role = factories.make_principal(bank.bi_account, name)
    return approve(
        bank, submit_bank_request(bank, principal=role, idempotency_key=name, **changes).items.get()
    )


def start_review(bank: Bank, *, by: Person | None = None, **changes: Any) -> AccessReview:
    now = clock.now()
    said: dict[str, Any] = {
        "name": "Autumn", "scope": AccessReviewScope(domain=bank.domain), "due_at": now + DUE, "idempotency_key": "c-1",
    }  # fmt: skip
    return start_access_review(acting_user=by or bank.ines, now=now, **said | changes)


def list_lines(access_review: AccessReview) -> list[AccessReviewItem]:
    return list(access_review.lines.order_by("pk"))


def keep_grants(
    bank: Bank, access_review: AccessReview, *chosen: AccessReviewItem, by: Person | None = None, **more: Any
) -> int:
    said: dict[str, Any] = {"reason": "Still reported on.", "now": clock.now(), **more}
    ids = [line.pk for line in chosen]
    return len(
        keep_review_items(
            acting_user=by or bank.ines, access_review_id=access_review.pk, item_ids=ids, **said
        )
    )


def test_what_nobody_keeps_ends_at_its_time_and_what_is_kept_goes_on(bank: Bank, grants: list[Grant]) -> None:
    access_review = start_review(bank, by=bank.greta)
    late = make_grant(bank, "late")
    ends_at = grants[0].ends_at
    assert keep_grants(bank, access_review, list_lines(access_review)[0]) == 1
    assert settle_access_reviews(access_review.due_at - timedelta(seconds=1)) == 0
    assert settle_access_reviews(access_review.due_at) == 2
    assert settle_access_reviews(access_review.due_at) == 0
    assert [line.state for line in list_lines(access_review)] == ["kept", "defaulted", "defaulted"]
    states = dict(Grant.objects.values_list("pk", "state"))
    assert states == {
        grants[0].pk: "live", grants[1].pk: "revoked", grants[2].pk: "revoked", late.pk: "live"
    }  # fmt: skip
    ended = Grant.objects.get(pk=grants[1].pk)
    assert (ended.ended_by, "nobody kept it by" in ended.end_reason) == (bank.greta, True)
    assert ended.intent.ended_at == access_review.due_at
    assert Grant.objects.get(pk=grants[0].pk).ends_at == ends_at
    assert Event.objects.filter(verb="revoke_grant", actor="engine:access_review").count() == 2
    closed = Event.objects.get(verb="close_access_review")
    assert closed.data["counts"] == {"kept": 1, "defaulted": 2}
    access_review.refresh_from_db()
    assert (access_review.state, access_review.closing_event) == ("closed", closed)


def test_the_clerk_may_end_anywhere_and_goes_on_where_it_was(bank: Bank, grants: list[Grant]) -> None:
    access_review = start_review(bank)
    settle_review_item(item_id=list_lines(access_review)[1].pk, now=access_review.due_at)
    with pytest.raises(IllegalTransitionError):
        settle_review_item(item_id=list_lines(access_review)[1].pk, now=access_review.due_at)
    assert settle_access_reviews(access_review.due_at + timedelta(hours=1)) == 2
    assert Event.objects.filter(verb="revoke_grant").count() == 3
    assert Event.objects.filter(verb="close_access_review").count() == 1


def test_a_grant_that_ends_meanwhile_is_closed_without_a_default(bank: Bank, grants: list[Grant]) -> None:
    access_review = start_review(bank)
    revoke_grant(acting_user=bank.ana, grant_id=grants[0].pk, reason="Not needed.", now=clock.now())
    assert settle_access_reviews(clock.now()) == 1
    assert (list_lines(access_review)[0].state, list_lines(access_review)[1].state) == ("ended", "open")
    assert Grant.objects.get(pk=grants[0].pk).end_reason == "Not needed."
    assert keep_grants(bank, access_review, list_lines(access_review)[0]) == 0


def test_keeping_extends_nothing_but_may_end_sooner(bank: Bank, grants: list[Grant]) -> None:
    access_review = start_review(bank)
    first, second, _third = list_lines(access_review)
    with pytest.raises(RefusedError, match="does not extend it"):
        keep_grants(bank, access_review, first, shortened_to=grants[0].ends_at + timedelta(days=1))
    sooner = clock.now() + timedelta(days=3)
    assert keep_grants(bank, access_review, first, second, shortened_to=sooner) == 2
    shorter = Grant.objects.get(pk=grants[0].pk)
    assert (shorter.ends_at, shorter.intent.expires_at, shorter.state) == (sooner, sooner, "live")
    assert list_lines(access_review)[0].until == sooner


def test_no_update_lets_a_grant_end_later(bank: Bank, grants: list[Grant]) -> None:
    with pytest.raises(DatabaseError, match="later than was agreed"), transaction.atomic():
        Grant.objects.update(ends_at=grants[0].ends_at + timedelta(days=1))


def test_to_keep_is_the_domains_word_alone(bank: Bank, grants: list[Grant]) -> None:
    access_review = start_review(bank, by=bank.greta)
    line = list_lines(access_review)[0]
    with pytest.raises(ForbiddenError):
        keep_grants(bank, access_review, line, by=bank.greta)
    for person in (bank.ana, bank.sam):
        with pytest.raises(NotFoundError):
            keep_grants(bank, access_review, line, by=person)
        assert not list_access_reviews(person).exists()
    factories.add_members(bank.insurance, "data_owner", [bank.ana])
    with pytest.raises(ForbiddenError):
        keep_grants(bank, access_review, line, by=bank.ana)
    revoke: dict[str, Any] = {
        "access_review_id": access_review.pk,
        "item_ids": [line.pk],
        "reason": "Gone.",
        "now": clock.now(),
    }
    assert len(revoke_review_items(acting_user=bank.greta, **revoke)) == 1
    assert {one.state for one in list_lines(access_review)} == {"revoked", "open"}


@pytest.mark.parametrize("who", ["ana", "sam"])
def test_a_stranger_starts_none_and_an_owner_none_beyond_their_domain(bank: Bank, who: str) -> None:
    make_grant(bank, "role")
    with pytest.raises(ForbiddenError):
        start_review(bank, by=getattr(bank, who))
    with pytest.raises(ForbiddenError):
        start_review(bank, scope=AccessReviewScope())
    assert start_review(bank, by=bank.greta, scope=AccessReviewScope()).lines.count() == 1


def test_the_scope_is_what_its_filters_leave(bank: Bank, grants: list[Grant]) -> None:
    iban = [RequestedItem(bank.claims.pk, ("iban",), False, bank.product.pk)]
    sensitive = make_grant(bank, "sensitive", items=iban)
    other = factories.make_account(bank.bi, name="Elsewhere")
    found = start_review(bank, scope=AccessReviewScope(domain=bank.domain, classification="sensitive"))
    assert [line.grant_id for line in list_lines(found)] == [sensitive.pk]
    assert (
        start_review(
            bank, scope=AccessReviewScope(bank.domain, bank.product, bank.bi_account), idempotency_key="c-2"
        ).lines.count()
        == 4
    )
    with pytest.raises(RefusedError, match="No active grant matches"):
        start_review(bank, scope=AccessReviewScope(bank.domain, account=other), idempotency_key="c-3")
    with pytest.raises(RefusedError, match="classification does not exist"):
        start_review(
            bank, scope=AccessReviewScope(bank.domain, classification="secret"), idempotency_key="c-4"
        )


def test_sent_twice_it_is_one_and_a_word_may_turn_until_its_time(bank: Bank, grants: list[Grant]) -> None:
    access_review = start_review(bank)
    assert start_review(bank, due_at=access_review.due_at) == access_review
    line = list_lines(access_review)[0]
    assert (keep_grants(bank, access_review, line), keep_grants(bank, access_review, line)) == (1, 0)
    said: dict[str, Any] = {
        "access_review_id": access_review.pk,
        "item_ids": [line.pk],
        "reason": "After all not.",
        "now": clock.now(),
    }
    assert len(revoke_review_items(acting_user=bank.ivo, **said)) == 1
    assert len(revoke_review_items(acting_user=bank.ivo, **said)) == 0
    with pytest.raises(RefusedError, match="deadline has passed"):
        keep_grants(bank, access_review, list_lines(access_review)[1], now=access_review.due_at)
    tally = count_review_items(bank.ines, [access_review])[access_review.pk]
    assert (tally.open, tally.revoked, tally.total) == (2, 1, 3)


def test_called_off_it_ends_nothing(bank: Bank, grants: list[Grant]) -> None:
    access_review = start_review(bank)
    said: dict[str, Any] = {
        "access_review_id": access_review.pk,
        "reason": "Wrong scope.",
        "now": clock.now(),
    }
    with pytest.raises(ForbiddenError):
        cancel_access_review(acting_user=bank.ivo, **said)
    assert cancel_access_review(acting_user=bank.ines, **said).state == "called_off"
    assert settle_access_reviews(access_review.due_at) == 0
    with pytest.raises(IllegalTransitionError):
        cancel_access_review(acting_user=bank.ines, **said)
    assert set(Grant.objects.values_list("state", flat=True)) == {"live"}


def test_the_nearest_end_is_that_of_the_first_open_review(bank: Bank, grants: list[Grant]) -> None:
    assert get_nearest_end(grants[0]) == NearestEnd(grants[0].ends_at)
    start_review(bank)
    first = start_review(bank, name="Soon", due_at=clock.now() + timedelta(days=2), idempotency_key="c-2")
    for found in (Grant.objects.get(pk=grants[0].pk), list_visible_grants(bank.ines).get(pk=grants[0].pk)):
        assert get_nearest_end(found) == NearestEnd(first.due_at, EndKind.ACCESS_REVIEW)
    assert filter_next_ending(list_visible_grants(bank.ines), clock.now()).count() == 3


def test_an_open_review_waits_for_those_who_can_keep_its_grants(bank: Bank, grants: list[Grant]) -> None:
    review = start_review(bank)
    assert list(list_decidable_reviews(bank.ivo)) == [review]
    assert not list_decidable_reviews(bank.ana).exists()
    keep_grants(bank, review, *list_lines(review))
    assert not list_decidable_reviews(bank.ivo).exists()
