"""Each part of a product's page has an address of its own, and the same head and rail."""

from typing import Any

import pytest
from django.urls import reverse

from catalog.mirror.models import Classification, Column
from catalog.products.models import DataProduct
from catalog.revisions.actions import publish_product_draft
from identity.people.models import Person
from kernel import clock
from portal.products.details import list_similar_products
from portal.products.tabs import TABS, ProductTab
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.catalog.sample_catalog import reindex
from tests.database import as_role
from tests.discussion import hide
from tests.portal.conftest import make_client
from tests.products import get_state, save_draft

PANELS = {
    ProductTab.OVERVIEW: 'id="similar"',
    ProductTab.COLUMNS: 'name="sort"',
    ProductTab.QUALITY: 'id="freshness"',
    ProductTab.LINEAGE: 'id="lineage-panel"',
    ProductTab.USAGE: 'id="reads-head"',
    ProductTab.DISCUSSION: 'id="question-form"',
    ProductTab.HISTORY: "No changes yet",
}


def read(bank: Bank, tab: ProductTab, query: str = "", person: Person | None = None) -> str:
    address = reverse(TABS[tab].route, args=[bank.product.slug])
    answer = make_client(person or bank.ana).get(f"{address}{query}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def publish_product(bank: Bank, **changes: Any) -> None:
    save_draft(bank, bank.ines, **changes)
    publish_product_draft(
        acting_user=bank.ines, slug=bank.product.slug, shown=get_state(bank), now=clock.now()
    )


@pytest.mark.parametrize("tab", ProductTab)
def test_each_tab_has_the_rail_of_use_and_its_own_panels(bank: Bank, tab: ProductTab) -> None:
    page = read(bank, tab)
    for part in ('id="access"', 'id="owner"', 'id="product-facts"', 'id="athena"', 'class="trust'):
        assert part in page
    address = reverse(TABS[tab].route, args=[bank.product.slug])
    assert f'href="{address}" aria-current="page"' in page
    # The overview has the drawing of the lineage and the form of a question, too.
    shared = {ProductTab.LINEAGE, ProductTab.DISCUSSION} if tab is ProductTab.OVERVIEW else set()
    others = [panel for one, panel in PANELS.items() if one not in {tab, *shared}]
    assert [part for part in others if part in page] == []


def test_columns_are_sought_in_names_and_descriptions_and_sorted(bank: Bank) -> None:
    with as_role("meshmarket_worker"):
        Column.objects.filter(table=bank.claims, name="amount").update(comment="Paid in Zloty")
        Column.objects.filter(table=bank.claims, name="iban").update(classification=Classification.SENSITIVE)
    address = reverse("column", args=[bank.claims.pk, "amount"])
    assert address in read(bank, ProductTab.COLUMNS, "?q=zloty")
    assert address not in read(bank, ProductTab.COLUMNS, "?q=iban")
    assert "No column matches" in read(bank, ProductTab.COLUMNS, "?q=nowhere")
    first = reverse("column", args=[bank.claims.pk, "iban"])
    assert read(bank, ProductTab.COLUMNS, "?sort=classification").index(first) < read(
        bank, ProductTab.COLUMNS, "?sort=classification"
    ).index(address)
    assert read(bank, ProductTab.COLUMNS, "?sort=name").index(address) < read(
        bank, ProductTab.COLUMNS, "?sort=name"
    ).index(first)


def test_without_access_the_line_to_copy_says_what_is_missing(bank: Bank) -> None:
    page = read(bank, ProductTab.OVERVIEW)
    assert "SELECT * FROM insurance_gold.claims LIMIT 10" in page
    assert "Works once your role has access to claims." in page
    assert 'data-copy="athena"' not in page
    approve(bank, submit_bank_item(bank))
    assert "Works as soon as your access is active." in read(bank, ProductTab.OVERVIEW)


def test_what_an_owner_does_is_in_one_bar(bank: Bank) -> None:
    page = read(bank, ProductTab.HISTORY, person=bank.ines)
    bar = page.split('class="owner-bar"')[1].split("</nav>")[0]
    for name in ("data-product-edit", "offers", "data-product-access", "data-product-lifecycle"):
        assert reverse(name, args=[bank.product.slug]) in bar
    assert "You answer for this data product." in page
    assert 'class="owner-bar"' not in read(bank, ProductTab.HISTORY)


def test_no_tab_of_a_hidden_product_is_there(bank: Bank) -> None:
    hide(bank)
    client = make_client(bank.sam)
    statuses = {client.get(reverse(one.route, args=[bank.product.slug])).status_code for one in TABS.values()}
    assert statuses == {404}


def test_two_versions_are_compared(bank: Bank) -> None:
    publish_product(bank, summary="Claims, nightly.")
    with as_role("meshmarket_worker"):
        Column.objects.create(table=bank.claims, position=90, name="region_code", type="string")
    assert "Compare two versions" not in read(bank, ProductTab.HISTORY)
    hidden = factories.make_product(bank.domain, bank.ines, [bank.claims], "Hidden source")
    publish_product(bank, freshness_hours=24, inputs=(hidden.pk,))
    DataProduct.objects.filter(pk=hidden.pk).update(seen_by="domain", requested_by="domain")
    page = read(bank, ProductTab.HISTORY, "?from=1&to=2")
    assert "The column region_code of insurance_gold.claims is added." in page
    promises = page.split(">Promises</h3>")[1].split(">Texts</h3>")[0]
    assert "24" in promises
    assert "Hidden source" not in page
    assert "Hidden source" in read(bank, ProductTab.HISTORY, "?from=1&to=2", bank.ines)
    assert "These versions do not differ." in read(bank, ProductTab.HISTORY, "?from=2&to=2")
    assert read(bank, ProductTab.HISTORY, "?from=x&to=999").count("region_code") == page.count("region_code")


def test_similar_products_name_no_words_of_descriptions(bank: Bank) -> None:
    table = factories.make_table(bank.claims.database, "recoveries", ["claim_id", "reinsurer"])
    other = factories.make_product(bank.domain, bank.ines, [table], "Reinsurer recoveries")
    both = DataProduct.objects.filter(pk__in=[bank.product.pk, other.pk])
    both.update(summary="Deductible of each reinsurer before arbitration")
    for n in range(6):
        factories.make_product(bank.domain, bank.ines, [], f"Other {n}")
    reindex()
    words = {word for one in list_similar_products(bank.ana, other, ["claim_id"]) for word in one.words}
    assert "arbitration" not in words
    assert "deductible" not in words
