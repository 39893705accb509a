"""A role that services take on has a person who answers for it and does not decide on requests for it."""

import pytest
from django.db import DatabaseError, transaction

from audit.models import Event
from identity.accounts import Principal
from identity.people.models import Membership, Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from requests_app.access_requests.models import Decision
from requests_app.grants.service_roles import name_responsible_person
from requests_app.policy_engine.rules import DeciderRole
from requests_app.review.actions import approve_item, reject_item
from requests_app.review.may import list_deciders, may_decide
from requests_app.review.queries import list_decidable_items
from requests_app.review.terms import compute_item_approval_hash
from requests_app.targets.recipients import list_recipients
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.database import as_role
from tests.requests_app.notifications.projection import list_notification_texts, project_all_events


@pytest.fixture
def loader(bank: Bank) -> Principal:
    return factories.make_principal(bank.bi_account, "nightly-load", services=["glue.amazonaws.com"])


def name_role_owner(bank: Bank, by: Person, role: Principal, person: Person) -> Principal:
    return name_responsible_person(
        acting_user=by, account_id=bank.bi_account.account_id, principal_id=role.pk, person_id=person.pk,
        now=clock.now(),
    )  # fmt: skip


def get_owner(role: Principal) -> Person | None:
    return Principal.objects.get(pk=role.pk).active_responsible_person


def test_who_asks_first_answers_for_it_and_who_asks_next_does_not(
    bank: Bank, tom: Person, loader: Principal
) -> None:
    submit_bank_request(bank, principal=loader)
    assert get_owner(loader) == bank.ana
    submit_bank_request(bank, principal=loader, acting_user=tom, idempotency_key="form-2")
    assert get_owner(loader) == bank.ana
    (event,) = Event.objects.filter(verb="name_responsible_person")
    assert (event.actor, event.data["people"]) == (f"person:{bank.ana.pk}", [bank.ana.pk])


def test_nobody_answers_for_what_people_take_on(bank: Bank) -> None:
    submit_bank_request(bank)
    assert Principal.objects.get(pk=bank.role.pk).owner is None


def test_an_admin_of_the_account_names_another(bank: Bank, tom: Person, loader: Principal) -> None:
    assert name_role_owner(bank, tom, loader, bank.ana).owner == bank.ana
    assert name_role_owner(bank, tom, loader, tom).owner == tom
    with pytest.raises(RefusedError, match="already the setting"):
        name_role_owner(bank, tom, loader, tom)
    with pytest.raises(RefusedError, match="Choose someone from BI"):
        name_role_owner(bank, tom, loader, bank.ines)
    for other in (bank.role, factories.make_principal(factories.make_account(bank.insurance), "theirs")):
        with pytest.raises(NotFoundError):
            name_role_owner(bank, tom, other, tom)


@pytest.mark.parametrize("who", ["ana", "ines", "greta", "sam"])
def test_nobody_else_names_anybody(bank: Bank, loader: Principal, who: str) -> None:
    with pytest.raises((ForbiddenError, NotFoundError)):
        name_role_owner(bank, getattr(bank, who), loader, bank.ana)


@pytest.mark.parametrize("how", ["left", "closed"])
def test_who_is_gone_answers_no_more_and_who_asks_next_does(
    bank: Bank, tom: Person, loader: Principal, how: str
) -> None:
    name_role_owner(bank, tom, loader, bank.ana)
    if how == "left":
        with as_role("meshmarket_owner"):
            Membership.objects.filter(person=bank.ana).delete()
    else:
        Person.objects.filter(pk=bank.ana.pk).update(is_active=False)
    assert get_owner(loader) is None
    submit_bank_request(bank, principal=loader, acting_user=tom)
    assert get_owner(loader) == tom


def test_the_form_says_who_answers(bank: Bank, tom: Person, loader: Principal) -> None:
    def kinds() -> list[str]:
        return [one.kind for one in list_recipients(bank.ana)]

    assert kinds() == ["", "service role; you become its responsible person"]
    name_role_owner(bank, tom, loader, tom)
    assert kinds() == ["", "service role; responsible person: Tom Brandt"]


def test_who_answers_for_the_role_does_not_decide_whatever_they_are(
    bank: Bank, tom: Person, loader: Principal
) -> None:
    """The lead of the team that asks is let otherwise, and so is an owner who has left that team."""
    factories.add_members(bank.bi, Membership.Role.LEAD, [tom])
    factories.add_members(bank.insurance, Membership.Role.DATA_OWNER, [tom])
    item = submit_bank_item(bank, principal=loader)
    name_role_owner(bank, tom, loader, tom)
    item.refresh_from_db()
    verdict = may_decide(tom, item, [DeciderRole.LEAD.value, DeciderRole.OWNER.value])
    assert (bool(verdict), "You are responsible for the role" in verdict.reason) == (False, True)
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=tom, team=bank.bi).delete()
    item.needed_from = item.waits_for = [DeciderRole.OWNER.value, DeciderRole.LEAD.value]
    item.save(update_fields=["needed_from", "waits_for"])
    assert tom not in list_deciders(item)
    assert item not in list_decidable_items(tom)
    assert item in list_decidable_items(bank.ines)
    shown = compute_item_approval_hash(item)
    with pytest.raises(ForbiddenError):
        approve_item(acting_user=tom, item_id=item.pk, effects_hash=shown, comment="", now=clock.now())
    with pytest.raises(ForbiddenError):
        reject_item(acting_user=tom, item_id=item.pk, comment="No longer", now=clock.now())


def test_the_database_refuses_their_decision(bank: Bank, tom: Person, loader: Principal) -> None:
    item = submit_bank_item(bank, principal=loader)
    name_role_owner(bank, tom, loader, tom)
    event = Event.objects.latest("pk")
    for speakers in ({"decided_by": tom}, {"decided_by": bank.ines, "on_behalf_of": tom}):
        with (
            pytest.raises(DatabaseError, match="responsible person of the service role"),
            transaction.atomic(),
        ):
            Decision.objects.create(
                item=item, requester=bank.ana, decided_at=clock.now(), answer="approve", effects_hash="x",
                event=event, **speakers,
            )  # fmt: skip


def test_who_is_named_is_told(bank: Bank, tom: Person, loader: Principal) -> None:
    name_role_owner(bank, tom, loader, bank.ana)
    project_all_events()
    assert list_notification_texts(bank.ana) == [
        "Tom Brandt made you the responsible person for the service role nightly-load of BI."
    ]


def test_who_answers_is_told_of_what_the_role_gets(bank: Bank, tom: Person, loader: Principal) -> None:
    name_role_owner(bank, tom, loader, tom)
    with as_role("meshmarket_owner"):
        Membership.objects.filter(person=tom, role=Membership.Role.ACCOUNT_ADMIN).delete()
    factories.add_members(bank.bi, Membership.Role.MEMBER, [tom])
    approve(bank, submit_bank_item(bank, principal=loader))
    project_all_events()
    assert list_notification_texts(tom) == ["Ines Roth approved Claims for BI."]
