"""Why a role sees a column: what rows tell, who may ask, and what a view needs beneath it."""

from typing import Any

import pytest

from catalog.mirror.models import Table
from fulfilment.observations.models import RegisteredLocation
from fulfilment.observations.storage import CatalogFacts, get_data_catalog
from identity.accounts import Principal
from identity.people.models import Person
from kernel import clock
from kernel.errors import NotFoundError
from lakeformation.explanation.access_paths import explain_column_access
from lakeformation.explanation.answers import ColumnVisibility, EvidenceSource
from lakeformation.observation.reading import UnknownRow
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import Permission
from requests_app.permissions.explanation import explain_access, get_table_to_explain
from requests_app.permissions.explanation_facts import TableFacts, build_question
from requests_app.permissions.table_readers import list_table_readers
from tests import factories
from tests.bank import Bank, make_bank
from tests.database import as_role
from tests.engine_readings import observe_permission, store_catalog_reading, store_share_reading


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def store_readings(bank: Bank) -> None:
    store_catalog_reading(bank.catalog, CatalogFacts(frozenset()), epoch=7)
    store_share_reading(bank.catalog, bank.bi_account)


def get_verdict(bank: Bank, column: str, *, table: Table | None = None, person: Person | None = None) -> Any:
    return (
        explain_access(person or bank.ines, table or bank.claims, bank.role.arn)
        .explain_column(column)
        .visibility
    )


def test_what_is_observed_answers_with_the_reading_that_it_rests_on(bank: Bank) -> None:
    assert get_verdict(bank, "amount") is ColumnVisibility.UNKNOWN
    store_readings(bank)
    assert get_verdict(bank, "amount") is ColumnVisibility.NOT_VISIBLE
    observe_permission(bank.claims, bank.role.arn, "amount")
    assert (get_verdict(bank, "amount"), get_verdict(bank, "iban")) == (
        ColumnVisibility.VISIBLE,
        ColumnVisibility.NOT_VISIBLE,
    )
    found = explain_access(bank.ines, bank.claims, bank.role.arn)
    assert found.known_facts.readings[EvidenceSource.CATALOG].number == 7
    assert [step.source for step in found.explain_column("amount").paths[0].steps] == [
        EvidenceSource.CATALOG,
        EvidenceSource.SHARE,
    ]


@pytest.mark.parametrize("holder", ["", "IAM_ALLOWED_PRINCIPALS"])
def test_beside_a_row_that_cannot_be_judged_the_answer_is_never_no(bank: Bank, holder: str) -> None:
    row = UnknownRow(get_data_catalog(bank.catalog), holder or bank.role.arn, "AnyResource", ("SELECT",))
    store_catalog_reading(bank.catalog, CatalogFacts(frozenset(), unknown_rows=frozenset({row})))
    store_share_reading(bank.catalog, bank.bi_account)
    assert get_verdict(bank, "amount") is ColumnVisibility.UNKNOWN
    observe_permission(bank.claims, bank.role.arn, "amount")
    assert get_verdict(bank, "amount") is ColumnVisibility.VISIBLE
    assert get_verdict(bank, "iban") is ColumnVisibility.UNKNOWN


@pytest.mark.parametrize(("name", "may"), [("ines", True), ("greta", True), ("ana", True), ("sam", False)])
def test_owners_those_who_govern_and_the_roles_own_people_may_ask(bank: Bank, name: str, may: bool) -> None:  # noqa: FBT001
    person = getattr(bank, name)
    if may:
        assert get_verdict(bank, "amount", person=person) is ColumnVisibility.UNKNOWN
        return
    with pytest.raises(NotFoundError):
        get_verdict(bank, "amount", person=person)


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
    store_readings(bank)
    view = make_view(bank)
    observe_permission(view, bank.role.arn, "amount")
    assert get_verdict(bank, "amount", table=view) is ColumnVisibility.NOT_VISIBLE
    observe_permission(bank.claims, bank.role.arn, "amount", "iban")
    assert get_verdict(bank, "amount", table=view) is ColumnVisibility.VISIBLE


def test_a_view_with_a_definer_is_read_with_its_rights(bank: Bank) -> None:
    store_readings(bank)
    definer = f"arn:aws:iam::{bank.catalog.account.account_id}:role/definer"
    view = make_view(bank, definer)
    observe_permission(view, bank.role.arn, "amount")
    found = explain_access(bank.ana, view, bank.role.arn).explain_column("amount")
    assert found.visibility is ColumnVisibility.UNKNOWN
    assert "reads insurance_gold.claims as definer" in found.paths[0].steps[-1].text
    observe_permission(bank.claims, definer, "amount", "iban")
    assert get_verdict(bank, "amount", table=view) is ColumnVisibility.VISIBLE


def test_what_is_hidden_beneath_a_view_is_not_named(bank: Bank) -> None:
    store_readings(bank)
    bank.product.is_published = False
    bank.product.save()
    view = make_view(bank)
    observe_permission(view, bank.role.arn, "amount")
    text = explain_access(bank.ana, view, bank.role.arn).explain_column("amount").paths[0].steps[-1].text
    assert text == "the view reads a table that you can't see as bi-reporting, which is not allowed"


def test_everyone_who_was_seen_to_hold_something_is_told_with_the_columns(bank: Bank) -> None:
    store_readings(bank)
    observe_permission(bank.claims, bank.role.arn, "amount", "iban")
    stranger = "arn:aws:iam::888888888888:role/stranger"
    observe_permission(bank.claims, stranger, "amount")
    observe_permission(bank.claims, "888888888888", "amount")
    found = list_table_readers(bank.claims, bank.ines)
    shown = [(one.name, one.readable_columns, one.unknown_columns) for one in found.readers]
    assert shown == [("bi-reporting", ("amount", "iban"), ()), ("stranger", (), ("amount",))]
    assert (found.group_holders, found.open_to_iam) == (("888888888888",), ())


def test_what_an_account_passed_on_itself_opens_what_it_was_given(bank: Bank) -> None:
    account = bank.bi_account.account_id
    place = get_data_catalog(bank.catalog)
    given = Permission(place, bank.role.arn, "insurance_gold", "claims", "SELECT", passed_on_by=account)
    store_catalog_reading(bank.catalog, CatalogFacts(frozenset()))
    store_share_reading(bank.catalog, bank.bi_account, {given: ColumnSet.include(["amount"])})
    observe_permission(bank.claims, account, "amount", "iban")
    assert (get_verdict(bank, "amount"), get_verdict(bank, "iban")) == (
        ColumnVisibility.VISIBLE,
        ColumnVisibility.NOT_VISIBLE,
    )


def test_who_made_the_table_is_known_from_the_mirror(bank: Bank) -> None:
    store_catalog_reading(bank.catalog, CatalogFacts(frozenset()))
    at_home = f"arn:aws:iam::{bank.catalog.account.account_id}:role/etl"
    session = f"arn:aws:sts::{bank.catalog.account.account_id}:assumed-role/etl/nightly"
    with as_role("meshmarket_worker"):
        Table.objects.filter(pk=bank.claims.pk).update(created_by=session)
    seen = TableFacts.read(Table.objects.get(pk=bank.claims.pk)).get_known_facts(at_home)
    found = explain_column_access(build_question(bank.claims, at_home, "claim_id"), seen.facts)
    assert found.visibility is ColumnVisibility.VISIBLE
    assert found.paths[-1].steps[0].text == "it created the table, and so holds everything on it"


def test_in_hybrid_mode_a_tag_opts_a_role_of_a_datazone_project_in(bank: Bank) -> None:
    store_readings(bank)
    observe_permission(bank.claims, bank.role.arn, "amount")
    arn = f"arn:aws:s3:::{bank.claims.location.removeprefix('s3://').rstrip('/')}"
    with as_role("meshmarket_worker"):
        RegisteredLocation.objects.create(catalog=bank.catalog, arn=arn, is_hybrid=True, seen_at=clock.now())
        assert get_verdict(bank, "amount") is not ColumnVisibility.VISIBLE
        Principal.objects.filter(pk=bank.role.pk).update(tags={"AmazonDataZoneProject": "p-1"})
        assert get_verdict(bank, "amount") is ColumnVisibility.VISIBLE
