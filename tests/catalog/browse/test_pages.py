"""The product page and the table page: ready values, a pinned number of queries, absent like forbidden."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import clock
from catalog.browse.products import domains, newest_products, product_for, product_page
from catalog.browse.tables import table_for, table_page
from catalog.mirror.models import Table
from catalog.mirror.select_holders import Holders
from catalog.products.models import DataProduct
from identity.errors import NotFoundError
from identity.people.models import Membership, Person
from tests import factories
from tests.catalog.shelf import Shelf, make_shelf, observe_select

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> Shelf:
    return make_shelf()


def unpublish(product: DataProduct) -> None:
    DataProduct.objects.filter(pk=product.pk).update(is_published=False)


def test_a_product_page_tells_tables_columns_and_holders(shelf: Shelf) -> None:
    observe_select(shelf.claims_table, factories.make_principal(shelf.bi).arn)

    page = product_page(shelf.ana, shelf.claims.slug)

    assert (page.row.name, page.domain.name, page.team.name, page.owner) == (
        "Claims", "Insurance", "Insurance", shelf.ines,
    )  # fmt: skip
    assert [c.name for c in page.tables[0].columns] == ["claim_id", "paidAmount"]
    assert page.counts == {"public": 1, "sensitive": 1}
    assert page.holders == Holders(principals=1, accounts=1)
    assert page.has_access
    assert not product_page(factories.make_person("Sam Outis"), shelf.claims.slug).has_access


def test_a_table_page_names_its_products_and_domain(shelf: Shelf) -> None:
    page = table_page(shelf.ana, shelf.claims_table.pk)

    assert [product.name for product in page.products] == ["Claims"]
    assert page.domain == shelf.insurance
    assert page.table.place.endswith("/ insurance_gold")
    assert not page.table.is_gone


def test_pages_take_as_many_queries_whatever_they_hold(shelf: Shelf) -> None:
    for number in range(5):
        shelf.claims.product_tables.create(
            table=factories.make_table(shelf.claims_table.database, f"more_{number}")
        )

    with CaptureQueriesContext(connection) as product:
        product_page(shelf.ana, shelf.claims.slug)
    with CaptureQueriesContext(connection) as table:
        table_page(shelf.ana, shelf.claims_table.pk)

    assert (len(product), len(table)) == (5, 6)


def test_absent_and_unpublished_look_alike(shelf: Shelf) -> None:
    unpublish(shelf.claims)

    for slug in (shelf.claims.slug, "no-such-product"):
        with pytest.raises(NotFoundError):
            product_for(shelf.ana, slug)
    for pk in (shelf.claims_table.pk, 0):
        with pytest.raises(NotFoundError):
            table_for(shelf.ana, pk)


def developer(shelf: Shelf) -> Person:
    person = factories.make_person("Dev Elop")
    factories.join(shelf.insurance.owner_team, Membership.Role.DEVELOPER, [person])
    return person


def test_its_makers_see_a_product_before_it_is_published(shelf: Shelf) -> None:
    unpublish(shelf.claims)

    for person in (shelf.ines, developer(shelf)):
        assert product_for(person, shelf.claims.slug) == shelf.claims
        assert table_for(person, shelf.claims_table.pk) == shelf.claims_table


def test_a_table_in_no_product_is_seen_and_a_tombstone_says_so(shelf: Shelf) -> None:
    Table.objects.filter(pk=shelf.free.pk).update(tombstoned_at=clock.now())

    assert table_page(shelf.ana, shelf.free.pk).table.is_gone


def test_home_counts_published_products_only(shelf: Shelf) -> None:
    unpublish(shelf.cards)

    assert [(domain.name, domain.products) for domain in domains()] == [("Credit Cards", 0), ("Insurance", 1)]
    assert [product.name for product in newest_products(5)] == ["Claims"]
