"""What the search finds follows what it is made of within the transaction, and so do the counts that are kept."""

from collections.abc import Callable

import pytest
from django.db import connection

from audit import clock
from catalog.entries import Entry, FacetCount
from catalog.models import Column, Database, DataProduct, Domain, ProductTable, Table
from catalog.query import SearchQuery
from catalog.search import facets
from identity.models import Account, Person, Team
from tests import factories
from tests.catalog.shelf import Shelf, find, make_shelf, names, observe_select, reindex

pytestmark = pytest.mark.django_db
EVERYTHING = "-owner:nobody"


@pytest.fixture
def shelf() -> Shelf:
    return make_shelf()


def counts(shelf: Shelf, text: str) -> dict[str, dict[str, tuple[str, int]]]:
    found = facets(SearchQuery(text=text), person=shelf.ana)
    return {
        facet.name: {each.value: (each.label, each.count) for each in facet.values if each.count}
        for facet in found
    }


def unpublished(shelf: Shelf) -> None:
    DataProduct.objects.filter(pk=shelf.cards.pk).update(is_published=False)


def dropped(shelf: Shelf) -> None:
    Table.objects.filter(pk=shelf.claims_table.pk).update(tombstoned_at=clock.now())


def retagged(shelf: Shelf) -> None:
    Table.objects.update(tags={"tier": "gold", "line": "claims"}, data_format="parquet", kind="VIRTUAL_VIEW")


def touched(shelf: Shelf) -> None:
    Table.objects.filter(pk=shelf.free.pk).update(glue_updated_at=clock.now().isoformat())


def classified(shelf: Shelf) -> None:
    Column.objects.filter(name="status").update(classification="private")
    Column.objects.filter(name="merchant").delete()


def regrouped(shelf: Shelf) -> None:
    ProductTable.objects.filter(product=shelf.cards).delete()
    ProductTable.objects.create(product=shelf.claims, table=shelf.free)


def renamed(shelf: Shelf) -> None:
    Domain.objects.filter(pk=shelf.insurance.pk).update(name="Cover")
    Team.objects.filter(pk=shelf.insurance.owner_team_id).update(name="Cover Team")
    Account.objects.filter(name="Insurance").update(name="Cover Account")


def moved(shelf: Shelf) -> None:
    Database.objects.update(domain=shelf.cards.domain)
    Account.objects.filter(name="Insurance").update(team=shelf.cards.domain.owner_team)


def held(shelf: Shelf) -> None:
    observe_select(shelf.claims_table, factories.make_principal(shelf.bi).arn)


@pytest.mark.parametrize(
    "change",
    [unpublished, dropped, retagged, touched, classified, regrouped, renamed, moved, held],
    ids=lambda change: change.__name__,
)
def test_counts_that_are_kept_are_those_that_are_counted(
    shelf: Shelf, change: Callable[[Shelf], None]
) -> None:
    before = counts(shelf, "")
    assert before == counts(shelf, EVERYTHING)

    change(shelf)

    assert counts(shelf, "") == counts(shelf, EVERYTHING) != before


def test_many_changes_are_put_together(shelf: Shelf) -> None:
    before = counts(shelf, "")
    FacetCount.objects.bulk_create(
        FacetCount(facet="tag", value=f"line={number}", label="", entries=sign)
        for number in range(600)
        for sign in (1, -1)
    )
    Table.objects.filter(pk=shelf.free.pk).update(data_format="orc")

    assert FacetCount.objects.count() < 100
    assert counts(shelf, "") == {**before, "format": {"orc": ("orc", 1)}}


def test_what_is_published_is_found_and_its_tables_no_more_alone(shelf: Shelf) -> None:
    assert set(Entry.objects.values_list("name", flat=True)) == {"claims", "card spend", "gold_claimhistory"}

    product = factories.make_product(shelf.insurance, shelf.ines, [shelf.free], "History")
    reindex()
    assert "gold_claimHistory" not in names(find(shelf, "q=status"))
    assert names(find(shelf, "q=history")) == ["History"]

    DataProduct.objects.filter(pk=product.pk).update(is_published=False)
    assert names(find(shelf, "q=history")) == []


def test_an_owner_who_is_called_otherwise_is_found_so(shelf: Shelf) -> None:
    Person.objects.filter(pk=shelf.ines.pk).update(name="Ines Sommer")

    assert len(names(find(shelf, "q=owner:sommer"))) == 2


def test_a_write_that_changes_nothing_writes_no_entry(shelf: Shelf) -> None:
    before = set(_versions())
    Table.objects.update(digest="1", mirrored_at=clock.now())
    DataProduct.objects.update(tier="gold")
    DataProduct.objects.filter(pk=shelf.cards.pk).update(tier="silver")
    again = set(_versions())

    assert {thing for thing, _ in again - before} == {shelf.cards.pk}


def _versions() -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT thing, ctid::text FROM catalog_entry")
        return [(thing, version) for thing, version in cursor.fetchall()]
