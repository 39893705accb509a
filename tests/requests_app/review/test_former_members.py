"""Membership when it was asked bars as membership now does: in every way by which a yes comes, and in the database."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from audit.actions import record_event
from identity.people.models import Membership, Person
from kernel import clock
from kernel.errors import ForbiddenError
from requests_app.access_requests.models import AccessRequest, Decision, RequestItem
from requests_app.access_reviews.may import may_keep_review_items
from requests_app.access_reviews.models import AccessReviewItem
from requests_app.review.comments import request_changes
from requests_app.review.inbox.counts import clear_cache, count_waiting
from requests_app.review.may import find_delegation, list_deciders, may_approve_item, may_reject_item
from requests_app.review.queries import list_decidable_items
from requests_app.submission.changes import resubmit_item
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.requests_app.review.test_delegation import delegate_to
from tests.requests_app.review.test_inbox_counts import reload_person

BARRED = "You were in the team when it requested this. Another data owner has to decide."


def join_team(bank: Bank, person: Person, role: str = Membership.Role.MEMBER) -> None:
    factories.add_members(bank.bi, role, [person])


def leave_team(bank: Bank, person: Person) -> None:
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=person, team=bank.bi).delete()
    clear_cache()


@pytest.fixture
def item(bank: Bank) -> RequestItem:
    """Asked for while Ines, who owns the data, was in the asking team; she is removed from it then."""
    join_team(bank, bank.ines)
    found = submit_bank_item(bank)
    leave_team(bank, bank.ines)
    return RequestItem.objects.get(pk=found.pk)


def decide_in_sql(item: RequestItem, person: Person, **changes: object) -> None:
    event = record_event(
        verb="test", actor="engine:test", subject=f"item:{item.pk}", data={}, now=clock.now()
    )
    values = {"requester_id": item.requester_id, "answer": "approve", "effects_hash": "f" * 64, **changes}
    with transaction.atomic():
        Decision.objects.create(item=item, decided_by=person, decided_at=event.at, event=event, **values)


def test_an_owner_who_was_of_the_team_when_it_asked_does_not_decide(bank: Bank, item: RequestItem) -> None:
    assert may_approve_item(bank.ines, item).reason == BARRED
    assert may_reject_item(bank.ines, item).reason == BARRED
    with pytest.raises(ForbiddenError, match="were in the team when it requested"):
        approve(bank, item)
    assert bank.ines not in list_deciders(item)
    assert approve(bank, item, by=bank.ivo)


def test_the_inbox_does_not_show_it_to_them(bank: Bank, item: RequestItem) -> None:
    assert item not in list_decidable_items(bank.ines)
    assert item in list_decidable_items(bank.ivo)
    assert (count_waiting(reload_person(bank.ines)), count_waiting(reload_person(bank.ivo))) == (0, 1)


def test_the_database_refuses_their_decision(bank: Bank, item: RequestItem) -> None:
    with pytest.raises(IntegrityError, match="belonged to the team when it requested"):
        decide_in_sql(item, bank.ines)
    decide_in_sql(item, bank.ivo)


def test_whoever_joins_later_is_barred_while_they_belong(bank: Bank) -> None:
    item = submit_bank_item(bank)
    join_team(bank, bank.ines)
    assert not may_approve_item(bank.ines, item)
    leave_team(bank, bank.ines)
    assert may_approve_item(bank.ines, RequestItem.objects.get(pk=item.pk))


def test_of_the_account_that_would_read_the_members_count_as_well(bank: Bank) -> None:
    other = factories.make_team("Platform", members=[bank.ines])
    factories.add_members(other, Membership.Role.MEMBER, [bank.ana])
    role = factories.make_principal(factories.make_account(other), "reader")
    item = submit_bank_item(bank, principal=role)
    with as_role("meshmarket_owner"):
        Membership.objects.filter(team=other, person=bank.ines).delete()
    assert may_approve_item(bank.ines, RequestItem.objects.get(pk=item.pk)).reason == BARRED


def test_nobody_decides_for_them_nor_they_for_another(bank: Bank) -> None:
    delegate = factories.make_person("Emre Aydin")
    factories.add_members(bank.insurance, Membership.Role.DEVELOPER, [delegate])
    delegate_to(bank, delegate)
    join_team(bank, bank.ines)
    item = submit_bank_item(bank)
    leave_team(bank, bank.ines)
    item = RequestItem.objects.get(pk=item.pk)
    assert find_delegation(delegate, item) is None
    assert item not in list_decidable_items(delegate)
    with pytest.raises(IntegrityError, match="belonged to the team when it requested"):
        decide_in_sql(item, delegate, on_behalf_of=bank.ines)


def test_what_is_sent_again_is_asked_by_the_members_of_then(bank: Bank) -> None:
    item = submit_bank_item(bank)
    request_changes(
        acting_user=bank.ivo, item_id=item.pk, comment="Fewer?", idempotency_key="r", now=clock.now()
    )
    join_team(bank, bank.ines)
    resubmit_item(
        acting_user=bank.ana, item_id=item.pk, ends_at=item.ends_at, comment="", now=clock.now(),
        requested_item=RequestedItem(item.table_id, ("claim_id",), whole_table=False, product_id=bank.product.pk),
    )  # fmt: skip
    leave_team(bank, bank.ines)
    assert may_approve_item(bank.ines, RequestItem.objects.get(pk=item.pk)).reason == BARRED


def test_a_grant_is_not_kept_by_who_was_of_the_team_when_it_asked(bank: Bank, item: RequestItem) -> None:
    line = AccessReviewItem(grant=approve(bank, item, by=bank.ivo))
    assert may_keep_review_items(bank.ines, line).reason == BARRED
    assert may_keep_review_items(bank.ivo, line)


def test_the_list_of_members_never_shrinks_whatever_a_statement_says(bank: Bank, item: RequestItem) -> None:
    mine = AccessRequest.objects.filter(pk=item.request_id)
    with as_role("none"):
        mine.update(member_ids=[], taken_over_ids=[bank.sam.pk])
    found = mine.get()
    assert set(found.member_ids) == {bank.ana.pk, bank.ines.pk}
    assert found.taken_over_ids == []


def test_the_lead_of_the_team_still_agrees_for_it(bank: Bank) -> None:
    lead = factories.make_person("Lea Frank")
    join_team(bank, lead, Membership.Role.LEAD)
    item = submit_bank_item(bank, ends_at=clock.now() + timedelta(days=5))
    decide_in_sql(item, lead, role="lead")
