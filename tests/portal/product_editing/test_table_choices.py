"""Choose a product's tables by their database or by LF-Tags: more boxes are checked, and nothing is saved."""

import re
from typing import Any

import pytest

from catalog.mirror.models import Database, Table
from catalog.revisions.models import ProductRevision
from tests import factories
from tests.bank import Bank
from tests.portal.conftest import make_client
from tests.portal.form_values import read_form_values


@pytest.fixture
def tables(bank: Bank) -> dict[str, Table]:
    silver = factories.make_database(bank.catalog, bank.domain, "insurance_silver")
    made = {name: factories.make_table(silver, name) for name in ("life", "health", "motor")}
    for name, tags in {
        "life": {"tier": "silver", "line": "life"},
        "health": {"tier": "silver", "line": "health"},
        "motor": {"tier": "gold", "line": "motor"},
    }.items():
        Table.objects.filter(pk=made[name].pk).update(tags=tags)
    return made


def pick(bank: Bank, text: str, **changes: str) -> Any:
    client, address = make_client(bank.ines), f"/my-products/{bank.product.slug}/edit/"
    shown = read_form_values(client.get(address).content.decode(), "product-form")
    return client.post(address, {**shown, "do": "pick", "pick": text, **changes})


def list_checked(page: Any) -> set[int]:
    found = re.findall(r'name="tables" value="([0-9]+)" checked', page.content.decode())
    return {int(one) for one in found}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("tier=silver", {"life", "health"}),
        ("tier=silver line=health,motor", {"health"}),
        ("line=health,motor", {"health", "motor"}),
        ("insurance_silver", {"life", "health", "motor"}),
        ("insurance_silver tier=gold", {"motor"}),
    ],
)
def test_what_matches_is_checked_beside_what_was(
    bank: Bank, tables: dict[str, Table], text: str, names: set[str]
) -> None:
    page = pick(bank, text, summary="Typed before.")
    assert page.status_code == 200
    assert list_checked(page) == {bank.claims.pk, *(tables[name].pk for name in names)}
    assert 'value="Typed before."' in page.content.decode()
    assert not ProductRevision.objects.filter(state="draft").exists()


@pytest.mark.parametrize(
    "text", ["", "tier=bronze", "tier", "elsewhere_gold", "=gold", "tier=", "a" * 900, "\x00"]
)
def test_what_matches_nothing_is_refused_in_place(bank: Bank, tables: dict[str, Table], text: str) -> None:
    page = pick(bank, text, summary="Typed before.")
    assert (page.status_code, 'id="pick-error"' in page.content.decode()) == (422, True)
    assert list_checked(page) == {bank.claims.pk}
    assert 'value="Typed before."' in page.content.decode()


def test_tables_of_other_domains_are_never_found(bank: Bank, tables: dict[str, Table]) -> None:
    other = factories.make_domain(bank.bi, "Elsewhere")
    foreign = factories.make_table(factories.make_database(bank.catalog, other, "bi_gold"), "reports")
    Table.objects.filter(pk=foreign.pk).update(tags={"tier": "silver"})
    assert foreign.pk not in list_checked(pick(bank, "tier=silver"))
    assert pick(bank, "bi_gold").status_code == 422
    page = make_client(bank.ines).get(f"/my-products/{bank.product.slug}/edit/").content.decode()
    assert '<option value="tier=silver">' in page
    assert "bi_gold" not in page
    assert Database.objects.filter(name="bi_gold").exists()
