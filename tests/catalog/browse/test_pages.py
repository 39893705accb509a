"""The product page and the table page: ready values, a pinned number of queries, absent like forbidden."""

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from catalog.browse.products import build_product_page, get_product, list_domains, list_newest_products
from catalog.browse.tables import build_table_page, get_table
from catalog.mirror.models import Table
from catalog.mirror.queries import HolderCounts
from catalog.products.models import DataProduct
from identity.people.models import Membership, Person
from kernel import clock
from kernel.errors import NotFoundError
from tests import factories
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog, observe_select

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    return make_sample_catalog()


def unpublish(product: DataProduct) -> None:
    DataProduct.objects.filter(pk=product.pk).update(is_published=False)


def test_a_product_page_tells_tables_columns_and_holders(shelf: SampleCatalog) -> None:
    observe_select(shelf.claims_table, factories.make_principal(shelf.bi).arn)

    page = build_product_page(shelf.ana, shelf.claims.slug)

    assert (page.row.name, page.domain.name, page.team.name, page.owner) == (
        "Claims", "Insurance", "Insurance", shelf.ines,
    )  # fmt: skip
    assert [c.name for c in page.tables[0].row.column_facts] == ["claim_id", "paidAmount"]
    assert page.tables[0].column_count == 2
    assert page.classification_counts == {"public": 1, "sensitive": 1}
    assert page.holders == HolderCounts(principals=1, accounts=1)
    assert page.has_access
    assert not build_product_page(factories.make_person("Sam Outis"), shelf.claims.slug).has_access


def test_a_table_page_names_its_products_and_domain(shelf: SampleCatalog) -> None:
    page = build_table_page(shelf.ana, shelf.claims_table.pk)

    assert [product.name for product in page.products] == ["Claims"]
    assert page.domain == shelf.insurance
    assert page.table.database_path.endswith("/ insurance_gold")
    assert not page.table.is_gone


def test_pages_take_as_many_queries_whatever_they_hold(shelf: SampleCatalog) -> None:
    for number in range(5):
        shelf.claims.product_tables.create(
            table=factories.make_table(shelf.claims_table.database, f"more_{number}")
        )

    with CaptureQueriesContext(connection) as product:
        build_product_page(shelf.ana, shelf.claims.slug)
    with CaptureQueriesContext(connection) as table:
        build_table_page(shelf.ana, shelf.claims_table.pk)

    assert (len(product), len(table)) == (4, 5)


def test_absent_and_unpublished_look_alike(shelf: SampleCatalog) -> None:
    unpublish(shelf.claims)

    for slug in (shelf.claims.slug, "no-such-product"):
        with pytest.raises(NotFoundError):
            get_product(shelf.ana, slug)
    for pk in (shelf.claims_table.pk, 0):
        with pytest.raises(NotFoundError):
            get_table(shelf.ana, pk)


def developer(shelf: SampleCatalog) -> Person:
    person = factories.make_person("Dev Elop")
    factories.add_members(shelf.insurance.owner_team, Membership.Role.DEVELOPER, [person])
    return person


def test_its_makers_see_a_product_before_it_is_published(shelf: SampleCatalog) -> None:
    unpublish(shelf.claims)

    for person in (shelf.ines, developer(shelf)):
        assert get_product(person, shelf.claims.slug) == shelf.claims
        assert get_table(person, shelf.claims_table.pk) == shelf.claims_table


def test_a_table_in_no_product_is_seen_and_a_tombstone_says_so(shelf: SampleCatalog) -> None:
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(tombstoned_at=clock.now())

    assert build_table_page(shelf.ana, shelf.unlisted_table.pk).table.is_gone


def test_home_counts_published_products_only(shelf: SampleCatalog) -> None:
    unpublish(shelf.card_spend)

    assert [(domain.name, domain.product_count) for domain in list_domains(shelf.ana)] == [
        ("Credit Cards", 0),
        ("Insurance", 1),
    ]
    assert [product.name for product in list_newest_products(shelf.ana, Q(), 5)] == ["Claims"]
