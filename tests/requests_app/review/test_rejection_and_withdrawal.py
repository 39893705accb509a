"""Rejecting with a reason and withdrawing: the item ends, nothing is wanted of AWS."""

import pytest

from audit.models import Event
from fulfilment.intents.models import Intent
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.review.actions import reject_item
from requests_app.submission.actions import withdraw_item
from tests.bank import Bank, approve, submit_bank_item


def reject(item: RequestItem, by: Person, comment: str = "Use the monthly totals.") -> Decision:
    return reject_item(acting_user=by, item_id=item.pk, comment=comment, now=clock.now())


def withdraw(item: RequestItem, by: Person) -> RequestItem:
    return withdraw_item(acting_user=by, item_id=item.pk, now=clock.now())


def assert_still_waiting(item: RequestItem) -> None:
    item.refresh_from_db()
    assert item.state == ItemState.SUBMITTED
    assert not Decision.objects.exists()
    assert Event.objects.count() == 1


def test_a_no_is_recorded_with_its_reason(bank: Bank) -> None:
    item = submit_bank_item(bank)
    decision = reject(item, bank.ines)
    item.refresh_from_db()
    assert item.state == ItemState.REJECTED
    assert (decision.answer, decision.comment) == ("reject", "Use the monthly totals.")
    assert decision.event.verb == "reject_item"
    assert not Intent.objects.exists()


def test_a_no_needs_a_reason(bank: Bank) -> None:
    item = submit_bank_item(bank)
    with pytest.raises(RefusedError) as caught:
        reject(item, bank.ines, "  ")
    assert caught.value.field == "comment"
    assert_still_waiting(item)


def test_a_dropped_table_can_still_be_rejected(bank: Bank) -> None:
    item = submit_bank_item(bank)
    bank.claims.tombstoned_at = clock.now()
    bank.claims.save()
    assert reject(item, bank.ines).answer == "reject"


def test_only_those_who_may_approve_may_reject(bank: Bank) -> None:
    item = submit_bank_item(bank)
    for person in (bank.ana, bank.greta):
        with pytest.raises(ForbiddenError):
            reject(item, person)
    with pytest.raises(NotFoundError):
        reject(item, bank.sam)
    assert_still_waiting(item)


def test_the_requester_withdraws(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert withdraw(item, bank.ana).state == ItemState.WITHDRAWN
    assert Event.objects.filter(verb="withdraw_item", subject=f"item:{item.pk}").count() == 1


def test_nobody_else_withdraws(bank: Bank) -> None:
    item = submit_bank_item(bank)
    for person in (bank.ines, bank.greta):
        with pytest.raises(ForbiddenError, match="Only the requester"):
            withdraw(item, person)
    with pytest.raises(NotFoundError):
        withdraw(item, bank.sam)
    assert_still_waiting(item)


def test_what_was_decided_cannot_be_withdrawn_or_rejected(bank: Bank) -> None:
    item = submit_bank_item(bank)
    approve(bank, item)
    with pytest.raises(IllegalTransitionError):
        withdraw(item, bank.ana)
    with pytest.raises(IllegalTransitionError):
        reject(item, bank.ivo)
    assert Decision.objects.count() == 1


def test_an_item_that_does_not_exist_is_not_found(bank: Bank) -> None:
    with pytest.raises(NotFoundError):
        withdraw_item(acting_user=bank.ana, item_id=0, now=clock.now())
