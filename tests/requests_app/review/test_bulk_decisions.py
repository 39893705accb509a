"""One decision on several: due after a while, undoable until then, each checked when it is carried out."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from pytest_django import Settings

from audit.models import Event
from catalog.mirror.models import Column
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.errors import EffectsChangedError
from requests_app.grants.models import Grant
from requests_app.review.bulk.actions import cancel_bulk_decision, decide_in_bulk
from requests_app.review.bulk.execution import CLAIM_DURATION, execute_due
from requests_app.review.bulk.models import BulkDecision, BulkDecisionItem
from requests_app.review.terms import compute_item_approval_hash
from requests_app.submission.actions import withdraw_item
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_request

LATER = timedelta(seconds=11)


@pytest.fixture
def items(bank: Bank) -> list[RequestItem]:
    """Three that are alike: the same columns for roles of one account."""
    roles = [factories.make_principal(bank.bi_account, f"role-{number}") for number in range(3)]
    return [
        submit_bank_request(bank, principal=role, idempotency_key=role.name).items.get() for role in roles
    ]


def decide_all(
    bank: Bank,
    items: list[RequestItem],
    answer: str = "approve",
    *,
    by: Person | None = None,
    **changes: object,
) -> BulkDecision:
    said: dict[str, object] = {"comment": "As agreed.", "idempotency_key": "k", "now": clock.now()}
    shown = {item.pk: compute_item_approval_hash(item) for item in items}
    return decide_in_bulk(acting_user=by or bank.ines, answer=answer, effects_hashes=shown, **said | changes)  # type: ignore[arg-type]


def list_outcomes(bulk: BulkDecision) -> list[tuple[str, str]]:
    return [(line.outcome, line.message) for line in bulk.lines.all()]


def list_states(items: list[RequestItem]) -> list[str]:
    return [RequestItem.objects.get(pk=item.pk).state for item in items]


def test_nothing_happens_before_it_is_due_and_all_of_it_then(bank: Bank, items: list[RequestItem]) -> None:
    bulk = decide_all(bank, items)
    assert execute_due(bulk.due_at - timedelta(seconds=1)) == 0
    assert list_states(items) == ["submitted"] * 3
    assert execute_due(bulk.due_at) == 1
    assert list_states(items) == ["approved"] * 3
    assert list_outcomes(bulk) == [("done", "")] * 3
    decisions = Decision.objects.values_list("decided_by", "comment", "answer").distinct()
    assert list(decisions) == [(bank.ines.pk, "As agreed.", "approve")]
    assert execute_due(bulk.due_at + timedelta(days=1)) == 0


def test_the_delay_is_a_setting(bank: Bank, items: list[RequestItem], settings: Settings) -> None:
    settings.BULK_DELAY = 3.0
    bulk = decide_all(bank, items)
    assert bulk.due_at - bulk.decided_at == timedelta(seconds=3)


def test_it_is_undone_until_it_is_due_and_not_after(bank: Bank, items: list[RequestItem]) -> None:
    bulk = decide_all(bank, items)
    cancel_bulk_decision(acting_user=bank.ines, bulk_decision_id=bulk.pk, now=clock.now())
    cancel_bulk_decision(acting_user=bank.ines, bulk_decision_id=bulk.pk, now=clock.now())
    assert execute_due(clock.now() + LATER) == 0
    assert list_states(items) == ["submitted"] * 3
    assert Event.objects.filter(verb="cancel_bulk_decision").count() == 1
    second = decide_all(bank, items, idempotency_key="k2")
    with pytest.raises(ForbiddenError, match="already in progress"):
        cancel_bulk_decision(acting_user=bank.ines, bulk_decision_id=second.pk, now=second.due_at)


def test_nobody_else_undoes_it(bank: Bank, items: list[RequestItem]) -> None:
    bulk = decide_all(bank, items)
    for person in (bank.ivo, bank.ana, bank.greta):
        with pytest.raises(NotFoundError):
            cancel_bulk_decision(acting_user=person, bulk_decision_id=bulk.pk, now=clock.now())


def test_what_changed_by_then_is_left_with_words(bank: Bank, items: list[RequestItem]) -> None:
    bulk = decide_all(bank, items)
    withdraw_item(acting_user=bank.ana, item_id=items[0].pk, now=clock.now())
    other = factories.make_account(bank.bi, name="Other")
    items[1].request.principal.account = other
    items[1].request.principal.save()
    assert execute_due(bulk.due_at) == 1
    assert list_states(items) == ["withdrawn", "submitted", "approved"]
    (gone, why), (kept, changed), (done, _nothing) = list_outcomes(bulk)
    assert (gone, kept, done) == ("kept", "kept", "done")
    assert "withdrawn" in why
    assert "have changed since you opened it" in changed


@pytest.mark.parametrize("answer", ["approve", "reject"])
def test_what_is_asked_for_longer_by_then_is_left_as_it_is(
    bank: Bank, items: list[RequestItem], answer: str
) -> None:
    bulk = decide_all(bank, items, answer)
    later = items[0].ends_at + timedelta(days=1)
    RequestItem.objects.filter(pk=items[0].pk).update(ends_at=later)
    execute_due(bulk.due_at)
    assert [outcome for outcome, _why in list_outcomes(bulk)] == ["kept", "done", "done"]
    assert not Decision.objects.filter(item=items[0]).exists()


def test_a_longer_time_than_was_shown_is_refused_at_once(bank: Bank, items: list[RequestItem]) -> None:
    shown = {item.pk: compute_item_approval_hash(item) for item in items}
    RequestItem.objects.filter(pk=items[0].pk).update(ends_at=items[0].ends_at + timedelta(days=1))
    with pytest.raises(EffectsChangedError):
        decide_in_bulk(
            acting_user=bank.ines,
            answer="approve",
            effects_hashes=shown,
            comment="",
            idempotency_key="k",
            now=clock.now(),
        )
    assert not BulkDecision.objects.exists()


def test_effects_that_changed_before_are_refused_at_once(bank: Bank, items: list[RequestItem]) -> None:
    shown = {item.pk: compute_item_approval_hash(item) for item in items}
    Column.objects.filter(table=bank.claims, name="amount").update(classification="sensitive")
    with pytest.raises(EffectsChangedError):
        decide_in_bulk(
            acting_user=bank.ines,
            answer="approve",
            effects_hashes=shown,
            comment="",
            idempotency_key="k",
            now=clock.now(),
        )
    assert not BulkDecision.objects.exists()


def test_what_is_not_alike_is_refused(bank: Bank, items: list[RequestItem]) -> None:
    asked = RequestedItem(bank.claims.pk, ("iban",), whole_table=False, product_id=None)
    other = submit_bank_request(bank, items=[asked], idempotency_key="other").items.get()
    with pytest.raises(RefusedError, match="highest class"):
        decide_all(bank, [*items, other])


def test_who_may_not_decide_on_each_decides_on_none(bank: Bank, items: list[RequestItem]) -> None:
    for person in (bank.ana, bank.greta):
        with pytest.raises(ForbiddenError):
            decide_all(bank, items, by=person)
    with pytest.raises(NotFoundError):
        decide_all(bank, items, by=bank.sam)
    assert not BulkDecision.objects.exists()


def test_who_may_no_longer_decide_when_it_is_due_has_not_decided(
    bank: Bank, items: list[RequestItem]
) -> None:
    bulk = decide_all(bank, items)
    factories.add_members(bank.bi, "member", [bank.ines])
    execute_due(bulk.due_at)
    assert list_outcomes(bulk) == [("kept", "You can no longer decide on it.")] * 3
    assert not Grant.objects.exists()


def test_a_no_to_several_needs_its_reason_and_a_double_click_is_one(
    bank: Bank, items: list[RequestItem]
) -> None:
    with pytest.raises(RefusedError, match="Give a reason"):
        decide_all(bank, items, "reject", comment=" ")
    assert decide_all(bank, items, "reject") == decide_all(bank, items, "reject")
    execute_due(clock.now() + LATER)
    assert list_states(items) == ["rejected"] * 3
    assert Event.objects.filter(verb="decide_in_bulk").count() == 1


def test_one_that_was_decided_alone_meanwhile_is_refused(bank: Bank, items: list[RequestItem]) -> None:
    approve(bank, items[0], by=bank.ivo)
    with pytest.raises(RefusedError, match="decided in the meantime"):
        decide_all(bank, items)


def test_another_process_goes_on_with_what_one_left(bank: Bank, items: list[RequestItem]) -> None:
    bulk = decide_all(bank, items)
    due = bulk.due_at
    BulkDecision.objects.update(leased_until=due + CLAIM_DURATION)
    approve(bank, items[0], now=due)
    assert execute_due(due + timedelta(seconds=1)) == 0
    assert execute_due(due + CLAIM_DURATION + timedelta(seconds=1)) == 1
    assert list_outcomes(bulk) == [("done", "")] * 3
    assert (Decision.objects.count(), list_states(items)) == (3, [ItemState.APPROVED] * 3)


@pytest.mark.parametrize("changes", [{"answer": "approve"}, {"decided_at": datetime(2020, 1, 1, tzinfo=UTC)}])
def test_what_was_decided_is_not_rewritten(
    bank: Bank, items: list[RequestItem], changes: dict[str, object]
) -> None:
    decide_all(bank, items, "reject")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        BulkDecision.objects.update(**changes)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        BulkDecisionItem.objects.update(effects_hash="0")
