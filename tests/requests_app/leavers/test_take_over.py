"""What somebody leaves behind: nobody decides on it, the team takes it over or closes it, and those concerned are told once."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.actions import record_event
from audit.models import Event
from identity.people.models import Membership, Person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.access_requests.models import AccessRequest, Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.leavers.actions import take_over_request
from requests_app.leavers.queries import list_leaver_grants, list_leaver_requests
from requests_app.review.access_status import get_access_status
from requests_app.review.actions import reject_item
from requests_app.review.bulk.actions import decide_in_bulk
from requests_app.review.comments import comment_on_item, request_changes
from requests_app.review.inbox.counts import clear_cache, filter_decidable
from requests_app.review.may import may_approve_item
from requests_app.review.queries import list_inbox
from requests_app.submission.actions import withdraw_item
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.database import as_role
from tests.requests_app.review.test_inbox_counts import reload_person

LEFT = "Ana Keller has left. Someone from BI can take over the request or close it."


@pytest.fixture
def ben(bank: Bank) -> Person:
    """A colleague of Ana's."""
    factories.add_members(bank.bi, Membership.Role.MEMBER, [person := factories.make_person("Ben Vogt")])
    return person


def deactivate(person: Person, *, back: bool = False) -> None:
    with as_role("meshmarket_owner"):
        Person.objects.filter(pk=person.pk).update(is_active=back)
    clear_cache()


def submit_and_leave(bank: Bank, **changes: object) -> RequestItem:
    """An item of Ana's, who leaves then."""
    item = submit_bank_item(bank, **changes)
    deactivate(bank.ana)
    return RequestItem.objects.get(pk=item.pk)


def take_over(person: Person, item: RequestItem) -> AccessRequest:
    return take_over_request(acting_user=person, request_id=item.request_id, now=clock.now())


def test_nobody_decides_on_what_a_deactivated_person_asked_for(bank: Bank) -> None:
    item = submit_and_leave(bank)
    common: dict[str, Any] = {"acting_user": bank.ines, "item_id": item.pk, "now": clock.now()}
    with pytest.raises(ForbiddenError, match="Ana Keller has left"):
        approve(bank, item)
    with pytest.raises(ForbiddenError, match="Ana Keller has left"):
        reject_item(**common, comment="No.")
    with pytest.raises(ForbiddenError, match="Ana Keller has left"):
        request_changes(**common, comment="Fewer?", idempotency_key="r")
    assert may_approve_item(bank.ines, item).reason == LEFT
    assert RequestItem.objects.get(pk=item.pk).state == ItemState.SUBMITTED


def test_it_waits_marked_in_the_inbox_and_cannot_be_ticked(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert filter_decidable(reload_person(bank.ines), [item.pk]) == {item.pk}
    deactivate(bank.ana)
    found = list_inbox(bank.ines).get()
    shown = get_access_status(found)
    told = shown.display_state.state, shown.display_state.reason, shown.sentence
    assert told == ("needs_attention", "requester_inactive", LEFT)
    assert not filter_decidable(reload_person(bank.ines), [item.pk])
    deactivate(bank.ana, back=True)
    assert filter_decidable(reload_person(bank.ines), [item.pk]) == {item.pk}


def test_no_decision_on_several_takes_it_in(bank: Bank) -> None:
    item = submit_and_leave(bank)
    with pytest.raises(ForbiddenError, match="Ana Keller has left"):
        decide_in_bulk(
            acting_user=bank.ines, answer="approve", effects_hashes={item.pk: "x"}, comment="", idempotency_key="k", now=clock.now()
        )  # fmt: skip


def test_the_database_refuses_the_decision(bank: Bank) -> None:
    item = submit_and_leave(bank)
    event = record_event(
        verb="test", actor="engine:test", subject=f"item:{item.pk}", data={}, now=clock.now()
    )
    with pytest.raises(IntegrityError, match="has left"), transaction.atomic():
        Decision.objects.create(
            item=item, requester_id=item.requester_id, decided_by=bank.ines, decided_at=event.at, event=event,
            answer="approve", effects_hash="f" * 64,
        )  # fmt: skip


def test_an_owner_may_still_write_to_the_team(bank: Bank) -> None:
    item = submit_and_leave(bank)
    said = comment_on_item(
        acting_user=bank.ines, item_id=item.pk, comment="Still needed?", idempotency_key="c", now=clock.now()
    )
    assert said.text == "Still needed?"


def test_a_colleague_takes_it_over_and_then_it_is_decided_on(bank: Bank, ben: Person) -> None:
    item = submit_and_leave(bank)
    assert list(list_leaver_requests(ben)) == [item.request]
    take_over(ben, item)
    assert take_over(ben, item).current_requester == ben
    event = Event.objects.get(verb="take_over_request")
    assert (event.actor, event.data["from"]) == (f"person:{ben.pk}", bank.ana.pk)
    assert not list_leaver_requests(ben)
    assert approve(bank, RequestItem.objects.get(pk=item.pk)).state == "live"


def test_nobody_else_takes_it_over(bank: Bank, ben: Person) -> None:
    item = submit_bank_item(bank)
    with pytest.raises(ForbiddenError, match="Ana Keller is responsible for this request"):
        take_over(ben, item)
    deactivate(bank.ana)
    with pytest.raises(NotFoundError):
        take_over(bank.sam, item)
    with pytest.raises(ForbiddenError, match="not a member of BI"):
        take_over(bank.ines, item)
    withdraw_item(acting_user=ben, item_id=item.pk, now=clock.now())
    with pytest.raises(RefusedError, match="Nothing of this request is waiting"):
        take_over(ben, item)


def test_who_took_it_over_decides_on_none_of_it_whatever_they_become(bank: Bank, ben: Person) -> None:
    item = submit_and_leave(bank)
    take_over(ben, item)
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=ben).delete()
    factories.add_members(bank.insurance, Membership.Role.DATA_OWNER, [ben])
    item = RequestItem.objects.get(pk=item.pk)
    assert (
        may_approve_item(ben, item).reason == "You took over this request. Another data owner has to decide."
    )
    with pytest.raises(ForbiddenError, match="You took over this request"):
        approve(bank, item, by=ben)
    assert may_approve_item(bank.ines, item)


def test_who_agreed_as_lead_does_not_take_it_over(bank: Bank, ben: Person) -> None:
    item = submit_bank_item(bank)
    event = record_event(
        verb="test", actor="engine:test", subject=f"item:{item.pk}", data={}, now=clock.now()
    )
    factories.add_members(bank.bi, Membership.Role.LEAD, [ben])
    Decision.objects.create(
        item=item, requester_id=item.requester_id, decided_by=ben, decided_at=event.at, event=event,
        answer="approve", effects_hash="f" * 64, role="lead",
    )  # fmt: skip
    deactivate(bank.ana)
    with pytest.raises(ForbiddenError, match="You already approved this"):
        take_over(ben, item)
    with pytest.raises(IntegrityError, match="cannot take it over"), transaction.atomic():
        AccessRequest.objects.filter(pk=item.request_id).update(taken_over_by=ben)


def test_the_database_lets_only_the_team_take_over_and_only_from_who_left(bank: Bank, ben: Person) -> None:
    mine = AccessRequest.objects.filter(pk=submit_bank_request(bank).pk)
    with pytest.raises(IntegrityError, match="who has left"), transaction.atomic():
        mine.update(taken_over_by=ben)
    deactivate(bank.ana)
    with pytest.raises(IntegrityError, match="a member of its team"), transaction.atomic():
        mine.update(taken_over_by=bank.sam)


@pytest.mark.parametrize("who", ["ben", "greta"])
def test_the_team_or_a_governance_admin_closes_it(bank: Bank, ben: Person, who: str) -> None:
    item, person = submit_and_leave(bank), {"ben": ben, "greta": bank.greta}[who]
    assert withdraw_item(acting_user=person, item_id=item.pk, now=clock.now()).state == ItemState.WITHDRAWN
    with pytest.raises(IllegalTransitionError):
        withdraw_item(acting_user=person, item_id=item.pk, now=clock.now())


def test_a_colleague_does_not_close_what_somebody_answers_for(bank: Bank, ben: Person) -> None:
    with pytest.raises(ForbiddenError, match="Only the requester"):
        withdraw_item(acting_user=ben, item_id=submit_bank_item(bank).pk, now=clock.now())


def test_live_access_of_a_leaver_is_put_to_the_owner_until_the_team_takes_it_over(
    bank: Bank, ben: Person
) -> None:
    grant = approve(bank, submit_bank_item(bank))
    assert not list_leaver_grants(bank.ines)
    deactivate(bank.ana)
    assert list(list_leaver_grants(bank.ines)) == [grant]
    assert not list_leaver_grants(bank.sam)
    take_over(ben, grant.item)
    assert not list_leaver_grants(bank.ines)
