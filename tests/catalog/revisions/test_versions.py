"""Semantic versions of a product's contract."""

from dataclasses import replace

import pytest

from audit.models import Event
from catalog.products.models import DataProduct
from catalog.revisions.actions import publish_product_draft
from catalog.revisions.models import ProductRevision
from catalog.revisions.versions import (
    TableSchema,
    compare_contracts,
    compute_next_version,
    get_current_version,
)
from kernel import clock
from kernel.errors import RefusedError
from tests import factories
from tests.bank import Bank
from tests.products import get_state, save_draft

CLAIMS = TableSchema("gold.claims", {"id": "int", "amount": "decimal(10,2)"})
RATES = TableSchema("gold.rates", {"id": "int"})


def with_columns(**columns: str) -> dict[str, TableSchema]:
    return {"1": TableSchema("gold.claims", columns)}


@pytest.mark.parametrize(
    ("after", "keywords", "version"),
    [
        ({"1": CLAIMS}, [], "1.2.4"),
        ({"1": CLAIMS}, ["loss"], "1.3.0"),
        ({"1": CLAIMS, "2": RATES}, [], "1.3.0"),
        ({"2": RATES}, [], "2.0.0"),
        ({}, [], "2.0.0"),
        (with_columns(id="int", amount="decimal(10,2)", day="date"), [], "1.3.0"),
        (with_columns(id="bigint", amount="decimal(12,2)"), [], "1.3.0"),
        (with_columns(id="int"), [], "2.0.0"),
        (with_columns(id="string", amount="decimal(10,2)"), [], "2.0.0"),
        (with_columns(id="int", amount="decimal(8,2)", day="date"), ["loss"], "2.0.0"),
    ],
)
def test_the_next_version_is_what_consumers_notice(
    after: dict[str, TableSchema], keywords: list[str], version: str
) -> None:
    changes = compare_contracts({"1": CLAIMS}, after, [], keywords)
    assert compute_next_version("1.2.3", changes) == version


@pytest.mark.parametrize(
    ("current", "after", "following"),
    [
        ("1.9.0", {"1": CLAIMS, "2": RATES}, "1.10.0"),
        ("1.10.9", {"1": CLAIMS}, "1.10.10"),
        ("9.4.2", {"2": RATES}, "10.0.0"),
        ("", {"1": CLAIMS}, "1.0.0"),
    ],
)
def test_versions_are_numbers_and_a_higher_part_resets_the_lower_ones(
    current: str, after: dict[str, TableSchema], following: str
) -> None:
    assert compute_next_version(current, compare_contracts({"1": CLAIMS}, after, [], [])) == following


def publish(bank: Bank, *, accepts_breaking: bool = False) -> ProductRevision:
    return publish_product_draft(
        acting_user=bank.ines, slug=bank.product.slug, shown=get_state(bank), now=clock.now(),
        accepts_breaking=accepts_breaking,
    )  # fmt: skip


def test_versions_follow_what_is_published(bank: Bank) -> None:
    product = DataProduct.objects.get(pk=bank.product.pk)
    assert get_current_version(product) == "1.0.0"
    save_draft(bank, bank.ines, summary="Other words.")
    first = publish(bank)
    assert (first.version, first.contract_changes) == ("1.0.1", [])
    assert set(first.schemas[str(bank.claims.pk)]["columns"]) == set(
        bank.claims.columns.values_list("name", flat=True)
    )
    extra = factories.make_table(bank.claims.database, "rates")
    save_draft(bank, bank.ines, tables=(bank.claims.pk, extra.pk))
    assert publish(bank).version == "1.1.0"
    assert get_current_version(product) == "1.1.0"


def test_a_breaking_change_needs_a_confirmation_and_is_announced(bank: Bank) -> None:
    extra = factories.make_table(bank.claims.database, "rates")
    save_draft(bank, bank.ines, tables=(extra.pk,))
    with pytest.raises(RefusedError) as caught:
        publish(bank)
    assert caught.value.field == "accepts_breaking"
    assert publish(bank, accepts_breaking=True).version == "2.0.0"
    event = Event.objects.get(verb="announce_breaking_change")
    assert [one["what"] for one in event.data["changes"]] == ["table_removed"]


def test_a_column_that_vanished_since_the_last_version_breaks_the_next(bank: Bank) -> None:
    save_draft(bank, bank.ines, summary="Other words.")
    publish(bank)
    with_role_of_workers_dropped_column(bank)
    save_draft(bank, bank.ines, summary="Still other words.")
    with pytest.raises(RefusedError):
        publish(bank)
    (change,) = publish(bank, accepts_breaking=True).contract_changes
    assert (change["what"], change["column"]) == ("column_removed", "amount")


def with_role_of_workers_dropped_column(bank: Bank) -> None:
    from tests.database import as_role

    with as_role("meshmarket_worker"):
        bank.claims.columns.filter(name="amount").delete()


def test_the_first_version_of_a_new_product(bank: Bank) -> None:
    from catalog.revisions.actions import create_product, save_product_draft
    from catalog.revisions.content import compute_state_digest, read_content
    from catalog.revisions.queries import get_draft

    product = create_product(
        acting_user=bank.ines, domain=bank.domain.slug, name="Fresh", summary="New.", owner=bank.ines.pk,
        now=clock.now(),
    )  # fmt: skip
    assert get_current_version(product) == ""
    save_product_draft(
        acting_user=bank.ines, slug=product.slug, content=replace(read_content(product), tables=(bank.claims.pk,)),
        note="", now=clock.now(), based_on=compute_state_digest(product, None),
    )  # fmt: skip
    shown = compute_state_digest(product, get_draft(product))
    done = publish_product_draft(acting_user=bank.ines, slug=product.slug, shown=shown, now=clock.now())
    assert (done.version, done.contract_changes) == ("1.0.0", [])
