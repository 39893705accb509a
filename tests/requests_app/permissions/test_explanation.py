"""Why a role sees a column: what rows tell, who may ask, and what a view needs beneath it."""

from typing import Any

import pytest

from audit import clock
from catalog.mirror.models import Table
from fulfilment.observations.models import RegisteredLocation
from fulfilment.observations.scope_facts import CatalogFacts
from fulfilment.observations.storage import place_of
from identity.accounts.models import Principal
from identity.errors import NotFoundError
from identity.people.models import Person
from lakeformation.explanation.access_paths import explain
from lakeformation.explanation.answers import Source, Verdict
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import Permission
from requests_app.permissions.explanation import explain_access, get_table_to_explain
from requests_app.permissions.explanation_facts import TableFacts, build_question
from requests_app.permissions.table_readers import list_table_readers
from tests import factories
from tests.bank import Bank, make_bank
from tests.database import as_role
from tests.evidence import hold, read_catalog, read_share


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def read(bank: Bank) -> None:
    read_catalog(bank.catalog, CatalogFacts(frozenset()), epoch=7)
    read_share(bank.catalog, bank.bi_account)


def verdict(bank: Bank, column: str, *, table: Table | None = None, person: Person | None = None) -> Any:
    return explain_access(person or bank.ines, table or bank.claims, bank.role.arn).of(column).verdict


def test_what_is_observed_answers_with_the_reading_that_it_rests_on(bank: Bank) -> None:
    assert verdict(bank, "amount") is Verdict.UNKNOWN
    read(bank)
    assert verdict(bank, "amount") is Verdict.SEES_NOT
    hold(bank.claims, bank.role.arn, "amount")
    assert (verdict(bank, "amount"), verdict(bank, "iban")) == (Verdict.SEES, Verdict.SEES_NOT)
    found = explain_access(bank.ines, bank.claims, bank.role.arn)
    assert found.known.read[Source.CATALOG].number == 7
    assert [step.source for step in found.of("amount").ways[0].steps] == [Source.CATALOG, Source.SHARE]


@pytest.mark.parametrize(("name", "may"), [("ines", True), ("greta", True), ("ana", True), ("sam", False)])
def test_owners_those_who_govern_and_the_roles_own_people_may_ask(bank: Bank, name: str, may: bool) -> None:  # noqa: FBT001
    person = getattr(bank, name)
    if may:
        assert verdict(bank, "amount", person=person) is Verdict.UNKNOWN
        return
    with pytest.raises(NotFoundError):
        verdict(bank, "amount", person=person)


def test_other_roles_and_hidden_tables_are_not_to_be_asked_about(bank: Bank) -> None:
    with pytest.raises(NotFoundError):
        explain_access(bank.ana, bank.claims, "arn:aws:iam::999999999999:role/somebody")
    bank.product.is_published = False
    bank.product.save()
    with pytest.raises(NotFoundError):
        get_table_to_explain(bank.ana, bank.claims.pk)


def make_view(bank: Bank, definer: str = "") -> Table:
    """Of claims, in a database of its own that everybody may hear of."""
    view = factories.make_table(bank.claims.database, "claims_view", ("amount",))
    view.view = {"text": "SELECT amount FROM insurance_gold.claims WHERE iban <> ''", "definer": definer}
    view.save()
    return view


def test_a_view_is_read_with_the_readers_own_rights_beneath_it(bank: Bank) -> None:
    read(bank)
    view = make_view(bank)
    hold(view, bank.role.arn, "amount")
    assert verdict(bank, "amount", table=view) is Verdict.SEES_NOT
    hold(bank.claims, bank.role.arn, "amount", "iban")
    assert verdict(bank, "amount", table=view) is Verdict.SEES


def test_a_view_with_a_definer_is_read_with_its_rights(bank: Bank) -> None:
    read(bank)
    definer = f"arn:aws:iam::{bank.catalog.account.account_id}:role/definer"
    view = make_view(bank, definer)
    hold(view, bank.role.arn, "amount")
    found = explain_access(bank.ana, view, bank.role.arn).of("amount")
    assert found.verdict is Verdict.UNKNOWN
    assert "reads insurance_gold.claims as definer" in found.ways[0].steps[-1].text
    hold(bank.claims, definer, "amount", "iban")
    assert verdict(bank, "amount", table=view) is Verdict.SEES


def test_what_is_hidden_beneath_a_view_is_not_named(bank: Bank) -> None:
    read(bank)
    bank.product.is_published = False
    bank.product.save()
    view = make_view(bank)
    hold(view, bank.role.arn, "amount")
    text = explain_access(bank.ana, view, bank.role.arn).of("amount").ways[0].steps[-1].text
    assert text == "the view reads a table that you can't see as bi-reporting, which is not allowed"


def test_everyone_who_was_seen_to_hold_something_is_told_with_the_columns(bank: Bank) -> None:
    read(bank)
    hold(bank.claims, bank.role.arn, "amount", "iban")
    stranger = "arn:aws:iam::888888888888:role/stranger"
    hold(bank.claims, stranger, "amount")
    hold(bank.claims, "888888888888", "amount")
    found = list_table_readers(bank.claims, bank.ines)
    shown = [(one.name, one.sees, one.unknown) for one in found.each]
    assert shown == [("bi-reporting", ("amount", "iban"), ()), ("stranger", (), ("amount",))]
    assert (found.groups, found.open_to_iam) == (("888888888888",), ())


def test_what_an_account_passed_on_itself_opens_what_it_was_given(bank: Bank) -> None:
    account = bank.bi_account.account_id
    place = place_of(bank.catalog)
    given = Permission(place, bank.role.arn, "insurance_gold", "claims", "SELECT", through=account)
    read_catalog(bank.catalog, CatalogFacts(frozenset()))
    read_share(bank.catalog, bank.bi_account, {given: ColumnSet.include(["amount"])})
    hold(bank.claims, account, "amount", "iban")
    assert (verdict(bank, "amount"), verdict(bank, "iban")) == (Verdict.SEES, Verdict.SEES_NOT)


def test_who_made_the_table_is_known_from_the_mirror(bank: Bank) -> None:
    read_catalog(bank.catalog, CatalogFacts(frozenset()))
    at_home = f"arn:aws:iam::{bank.catalog.account.account_id}:role/etl"
    session = f"arn:aws:sts::{bank.catalog.account.account_id}:assumed-role/etl/nightly"
    with as_role("meshmarket_worker"):
        Table.objects.filter(pk=bank.claims.pk).update(made_by=session)
    seen = TableFacts.read(Table.objects.get(pk=bank.claims.pk)).of(at_home)
    found = explain(build_question(bank.claims, at_home, "claim_id"), seen.facts)
    assert found.verdict is Verdict.SEES
    assert found.ways[-1].steps[0].text == "it created the table, and so holds everything on it"


def test_in_hybrid_mode_a_tag_opts_a_role_of_a_datazone_project_in(bank: Bank) -> None:
    read(bank)
    hold(bank.claims, bank.role.arn, "amount")
    arn = f"arn:aws:s3:::{bank.claims.location.removeprefix('s3://').rstrip('/')}"
    with as_role("meshmarket_worker"):
        RegisteredLocation.objects.create(catalog=bank.catalog, arn=arn, is_hybrid=True, seen_at=clock.now())
        assert verdict(bank, "amount") is not Verdict.SEES
        Principal.objects.filter(pk=bank.role.pk).update(tags={"AmazonDataZoneProject": "p-1"})
        assert verdict(bank, "amount") is Verdict.SEES
