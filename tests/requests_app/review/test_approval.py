"""Approving: decision, grant, intent and event in one, of exactly the effects that were shown."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from catalog.mirror.models import Column
from catalog.products.models import ProductTable
from fulfilment.intents.models import Intent
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.access_requests.may import list_visible_items
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.errors import EffectsChangedError
from requests_app.grants.models import Grant
from requests_app.review.actions import approve_item
from requests_app.review.terms import compute_item_approval_hash
from requests_app.targets.checks import compute_effects
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import without_triggers


def assert_nothing_changed(item: RequestItem) -> None:
    item.refresh_from_db()
    assert item.state == ItemState.SUBMITTED
    assert not Decision.objects.exists()
    assert not Grant.objects.exists()
    assert not Intent.objects.exists()
    assert [event.verb for event in Event.objects.all()] == ["submit_access_request"]


def get_refusal(bank: Bank, item: RequestItem) -> str:
    with pytest.raises(RefusedError) as caught:
        approve(bank, item)
    assert_nothing_changed(item)
    return caught.value.message


def test_a_yes_writes_decision_grant_intent_and_event(bank: Bank) -> None:
    item = submit_bank_item(bank)
    grant = approve(bank, item)
    item.refresh_from_db()
    decision, intent, event = (
        Decision.objects.get(),
        Intent.objects.get(),
        Event.objects.get(verb="approve_item"),
    )
    assert item.state == ItemState.APPROVED
    assert (decision.decided_by, decision.requester, decision.event) == (bank.ines, bank.ana, event)
    assert (grant.intent, grant.event, grant.ends_at) == (intent, event, item.request.ends_at)
    assert intent.scope_key == f"share:{bank.catalog.pk}:{bank.bi_account.account_id}"
    assert (intent.subject, intent.expires_at) == (f"item:{item.pk}", grant.ends_at)
    assert intent.wanted["columns"] == {"include": ["amount", "claim_id"]}
    assert intent.wanted["principal_id"] == bank.role.unique_id
    assert {decision.effects_hash, grant.effects_hash, intent.effects_hash} == {
        compute_effects(item).digest()
    }
    assert event.data["effects"] == intent.effects


def test_the_whole_table_is_every_column(bank: Bank) -> None:
    item = submit_bank_item(bank)
    RequestItem.objects.filter(pk=item.pk).update(whole_table=True)
    item.refresh_from_db()
    assert approve(bank, item).intent.wanted["columns"] == {"except": []}


def test_other_effects_than_shown_are_refused_and_shown(bank: Bank) -> None:
    item = submit_bank_item(bank)
    shown = compute_item_approval_hash(item)
    Column.objects.filter(table=bank.claims, name="amount").update(classification="sensitive")
    with pytest.raises(EffectsChangedError) as caught:
        approve_item(acting_user=bank.ines, item_id=item.pk, effects_hash=shown, comment="", now=clock.now())
    assert (
        caught.value.effects_hash == compute_item_approval_hash(RequestItem.objects.get(pk=item.pk)) != shown
    )
    assert_nothing_changed(item)


def test_a_dropped_table_is_said(bank: Bank) -> None:
    item = submit_bank_item(bank)
    bank.claims.tombstoned_at = clock.now()
    bank.claims.save()
    assert get_refusal(bank, item) == "insurance_gold.claims no longer exists in its catalog."


def test_a_table_made_anew_is_another(bank: Bank) -> None:
    item = submit_bank_item(bank)
    bank.claims.tombstoned_at = clock.now()
    bank.claims.save()
    factories.make_table(bank.claims.database, created=clock.now())
    assert "deleted and created again" in get_refusal(bank, item)


def test_a_vanished_column_is_named(bank: Bank) -> None:
    item = submit_bank_item(bank)
    Column.objects.filter(table=bank.claims, name="amount").delete()
    assert get_refusal(bank, item) == "insurance_gold.claims has no column amount."


def test_a_role_that_is_gone_is_said(bank: Bank) -> None:
    item = submit_bank_item(bank)
    bank.role.gone_at = clock.now()
    bank.role.save()
    assert get_refusal(bank, item) == "The role bi-reporting no longer exists in BI."


def test_an_end_that_has_passed_is_said(bank: Bank) -> None:
    item = submit_bank_item(bank)
    with pytest.raises(RefusedError, match="has passed"):
        approve(bank, item, now=item.request.ends_at + timedelta(seconds=1))
    assert_nothing_changed(item)


def test_the_requester_does_not_decide_even_as_a_data_owner(bank: Bank) -> None:
    factories.add_members(bank.insurance, "data_owner", [bank.ana])
    item = submit_bank_item(bank)
    with pytest.raises(ForbiddenError, match="requested this yourself"):
        approve(bank, item, by=bank.ana)
    assert_nothing_changed(item)


def test_a_member_of_the_asking_team_does_not_decide(bank: Bank) -> None:
    factories.add_members(bank.bi, "member", [bank.ines])
    item = submit_bank_item(bank)
    with pytest.raises(ForbiddenError, match="requesting team"):
        approve(bank, item, by=bank.ines)
    assert_nothing_changed(item)


def test_the_requester_and_an_admin_see_it_but_may_not(bank: Bank) -> None:
    item = submit_bank_item(bank)
    factories.add_members(bank.insurance, "developer", [developer := factories.make_person("Dev Ada")])
    for person in (bank.greta, developer):
        with pytest.raises(ForbiddenError, match="Only a data owner of Insurance"):
            approve(bank, item, by=person)
    with pytest.raises(ForbiddenError):
        approve(bank, item, by=bank.ana)
    assert_nothing_changed(item)


def test_a_stranger_finds_nothing(bank: Bank) -> None:
    item = submit_bank_item(bank)
    with pytest.raises(NotFoundError):
        approve(bank, item, by=bank.sam)
    assert_nothing_changed(item)


def test_a_closed_account_does_not_decide(bank: Bank) -> None:
    item = submit_bank_item(bank)
    Person.objects.filter(pk=bank.ines.pk).update(is_active=False)
    for person in (bank.ines, Person.objects.get(pk=bank.ines.pk)):  # loaded before and after
        with pytest.raises(NotFoundError):
            approve(bank, item, by=person)
    assert_nothing_changed(item)


def test_sql_refuses_a_decision_by_a_person_who_has_left(bank: Bank) -> None:
    item, now = submit_bank_item(bank), clock.now()
    event = Event.objects.create(at=now, verb="approve_item", actor=f"person:{bank.ines.pk}", data={})
    Person.objects.filter(pk=bank.ines.pk).update(is_active=False)
    with pytest.raises(IntegrityError, match="has left"), transaction.atomic():
        Decision.objects.create(
            item=item, requester=item.requester, decided_by=bank.ines, decided_at=now, answer="approve",
            role="owner", effects_hash="x", ends_at=item.ends_at, event=event,
        )  # fmt: skip


def test_a_second_yes_is_an_illegal_move(bank: Bank) -> None:
    item = submit_bank_item(bank)
    approve(bank, item)
    with pytest.raises(IllegalTransitionError):
        approve(bank, item, by=bank.ivo)
    assert (Decision.objects.count(), Grant.objects.count(), Intent.objects.count()) == (1, 1, 1)


def test_the_rows_are_locked_in_the_webs_order(bank: Bank) -> None:
    item = submit_bank_item(bank)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        approve(bank, item)
    locked = [q["sql"].split('FROM "')[1].split('"')[0] for q in queries if "FOR UPDATE" in q["sql"]]
    assert locked == ["requests_accessrequest", "requests_requestitem"]


def test_another_domains_product_does_not_make_its_owner_answer_for_the_table(bank: Bank) -> None:
    """As it may stand from before the database refused it."""
    stranger = factories.make_person("Petra Kern")
    elsewhere = factories.make_domain(factories.make_team("Cards", owners=[stranger]), "Cards")
    bundle = factories.make_product(elsewhere, stranger, [], "Everything")
    with without_triggers():
        ProductTable.objects.create(product=bundle, table=bank.claims)
    asked = RequestedItem(bank.claims.pk, ("claim_id",), whole_table=False, product_id=bundle.pk)
    item = submit_bank_item(bank, items=[asked])
    with pytest.raises((ForbiddenError, NotFoundError)):
        approve(bank, item, by=stranger)
    assert not list_visible_items(stranger).exists()
    assert approve(bank, item).item_id == item.pk
