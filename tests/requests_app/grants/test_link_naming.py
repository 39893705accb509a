"""Who chooses how what an account is granted is found there, what is refused, and what a choice writes."""

import pytest

from audit.models import Event
from fulfilment.intents.models import Intent, Justification
from identity.accounts import Account
from identity.people.models import Person, PlatformRole
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from lakeformation.access.link_naming import LinkNaming
from requests_app.access_requests.models import RequestItem
from requests_app.errors import EffectsChangedError
from requests_app.grants.actions import revoke_grant
from requests_app.grants.link_naming.actions import choose_link_naming
from requests_app.grants.link_naming.queries import (
    DATABASE_LINK,
    INHERIT,
    TABLE_LINKS,
    list_link_naming_choices,
)
from requests_app.review.actions import approve_item
from requests_app.review.terms import compute_item_approval_hash
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role


def choose_naming(bank: Bank, person: Person, way: str = TABLE_LINKS, database: str = "") -> Account:
    where = bank.bi_account.account_id
    return choose_link_naming(
        acting_user=person, account_id=where, database=database, link_naming=way, now=clock.now()
    )


def build_key(bank: Bank) -> str:
    return f"{bank.catalog.pk}/{bank.claims.database.name}"


def test_an_admin_of_the_account_chooses_and_it_is_on_record(bank: Bank, tom: Person) -> None:
    grant = approve(bank, submit_bank_item(bank))
    assert choose_naming(bank, tom).table_links == {"": True}
    intent = Intent.objects.get(pk=grant.intent_id)
    assert (intent.moved_to, intent.moved_at, intent.generation) == ("tables", 2, 2)
    event = Event.objects.get(verb="choose_link_naming")
    assert (event.actor, event.subject) == (f"person:{tom.pk}", f"account:{bank.bi_account.account_id}")
    assert event.data == {"database": "", "way": TABLE_LINKS, "moved": [intent.pk]}


def test_a_governance_admin_chooses_for_an_account(bank: Bank) -> None:
    assert choose_naming(bank, factories.make_admin()).table_links == {"": True}


def test_an_auditor_sees_the_choice_and_makes_none(bank: Bank) -> None:
    auditor = factories.make_person("Ina Auditor")
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=auditor, role=PlatformRole.Role.AUDITOR)
    with pytest.raises(ForbiddenError):
        choose_naming(bank, auditor)
    assert (read_table_links(bank), Event.objects.filter(verb="choose_link_naming").count()) == ({}, 0)


def test_nobody_else_finds_the_account(bank: Bank) -> None:
    for person in (bank.ana, bank.ines):
        with pytest.raises(NotFoundError):
            choose_naming(bank, person)
    assert read_table_links(bank) == {}


def read_table_links(bank: Bank) -> object:
    return Account.objects.get(pk=bank.bi_account.pk).table_links


@pytest.mark.parametrize(
    ("way", "database"),
    [
        (DATABASE_LINK, ""),
        (INHERIT, ""),
        ("views", ""),
        (TABLE_LINKS, "1/nothing"),
        (TABLE_LINKS, "x"),
        (TABLE_LINKS, "/"),
    ],
)
def test_what_is_none_of_the_choices_is_refused(bank: Bank, tom: Person, way: str, database: str) -> None:
    with pytest.raises(RefusedError):
        choose_naming(bank, tom, way, database)
    assert read_table_links(bank) == {}


def test_a_database_is_as_the_account_again_when_that_is_chosen(bank: Bank, tom: Person) -> None:
    grant = approve(bank, submit_bank_item(bank))
    choose_naming(bank, tom, TABLE_LINKS, build_key(bank))
    choose_naming(bank, tom, INHERIT, build_key(bank))
    assert read_table_links(bank) == {}
    assert Intent.objects.get(pk=grant.intent_id).moved_to == "database"


def test_a_database_keeps_its_own_choice_when_the_account_chooses(bank: Bank, tom: Person) -> None:
    grant = approve(bank, submit_bank_item(bank))
    choose_naming(bank, tom, TABLE_LINKS, build_key(bank))
    choose_naming(bank, tom, TABLE_LINKS)
    choose_naming(bank, tom, DATABASE_LINK)
    assert Intent.objects.get(pk=grant.intent_id).moved_to == "tables"
    (one,) = list_link_naming_choices(Account.objects.get(pk=bank.bi_account.pk))
    assert (one.key, one.link_naming, one.by_table, one.changing_grant_count) == (
        build_key(bank),
        TABLE_LINKS,
        True,
        1,
    )


def test_what_ended_does_not_move(bank: Bank, tom: Person) -> None:
    grant = approve(bank, submit_bank_item(bank))
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="No longer needed", now=clock.now())
    choose_naming(bank, tom)
    assert Intent.objects.get(pk=grant.intent_id).moved_to == ""


def test_what_is_agreed_to_afterwards_lands_as_chosen(bank: Bank, tom: Person) -> None:
    choose_naming(bank, tom)
    grant = approve(bank, RequestItem.objects.get(pk=submit_bank_item(bank).pk))
    access = Intent.objects.get(pk=grant.intent_id).table_access
    assert access.link_naming == LinkNaming(by_table=True)
    assert [link.target_table for link in access.links] == [bank.claims.name]


def test_a_yes_to_other_names_than_those_in_force_is_asked_again(bank: Bank, tom: Person) -> None:
    item = submit_bank_item(bank)
    shown = compute_item_approval_hash(item)
    choose_naming(bank, tom)
    with pytest.raises(EffectsChangedError):
        approve_item(acting_user=bank.ines, item_id=item.pk, effects_hash=shown, comment="", now=clock.now())


def test_justifications_name_the_landing_in_force(bank: Bank, tom: Person) -> None:
    grant = approve(bank, submit_bank_item(bank))
    landing = Justification.objects.filter(intent=grant.intent_id, account_id=bank.bi_account.account_id)
    assert landing.count() == 1
    choose_naming(bank, tom)
    assert set(landing.values_list("table", flat=True)) == {"", bank.claims.name}
    choose_naming(bank, tom, DATABASE_LINK)
    assert list(landing.values_list("table", flat=True)) == [""]
