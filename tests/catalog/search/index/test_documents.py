"""What the search finds follows what it is made of, and its counts follow what is found."""

import pytest
from django.db import connection

from catalog.mirror.models import Table
from catalog.products.models import DataProduct, ProductTable
from catalog.search.index.indexing import fold_counts
from catalog.search.index.models import ORGANISATION, Document, FacetCount, LexemeCount
from catalog.search.text_queries import RARE
from identity.accounts import ConnectedCatalog
from kernel import clock
from tests import factories
from tests.catalog.sample_catalog import (
    SampleCatalog,
    find_matches,
    list_hit_names,
    make_sample_catalog,
    search_as_ana,
)

pytestmark = pytest.mark.django_db

DOCUMENT_COLUMNS = (
    "id, visibility, kind, name, domain, account, tier, region, format, tag, classification, fresh, is_empty"
)
# Many tables that hold one word, every fourth of them in the gold tier.
INSERT_MANY = """
INSERT INTO catalog_document (id, visibility, kind, name, domain, tier, region, format, tag, classification, fresh,
  is_empty, search)
SELECT 1000000 + n, 1, 'table', 'flood_' || n, %s, CASE WHEN n %% 4 = 0 THEN 'gold' END, '{}', '{}', '{}', '{}', '',
  false, 'flood:1A' FROM generate_series(1, %s) AS n"""


@pytest.fixture
def shelf() -> SampleCatalog:
    return make_sample_catalog()


def query(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def find_inconsistencies() -> list[tuple[object, ...]]:
    """What documents say and should not, and what stored counts count and is not there."""
    return (
        query(f"""
        (SELECT {DOCUMENT_COLUMNS} FROM catalog_document EXCEPT SELECT {DOCUMENT_COLUMNS} FROM catalog_document_source)
        UNION ALL (SELECT {DOCUMENT_COLUMNS} FROM catalog_document_source EXCEPT SELECT {DOCUMENT_COLUMNS} FROM catalog_document)""")
        + query(
            f"""SELECT part, value, sum(documents) FROM (
          SELECT part, value, documents FROM catalog_facetcount WHERE visibility = {ORGANISATION}
          UNION ALL SELECT 'total', kind, -1 FROM catalog_document WHERE visibility = {ORGANISATION}
          UNION ALL SELECT 'tier', tier, -1 FROM catalog_document WHERE visibility = {ORGANISATION}
          UNION ALL SELECT 'region', unnest(region), -1 FROM catalog_document WHERE visibility = {ORGANISATION}
          UNION ALL SELECT 'classification', unnest(classification), -1 FROM catalog_document
            WHERE visibility = {ORGANISATION}) AS one
        WHERE part IN ('total', 'tier', 'region', 'classification') AND value IS NOT NULL
        GROUP BY 1, 2 HAVING sum(documents) <> 0"""
        )
    )


def test_documents_and_counts_follow_every_change(shelf: SampleCatalog) -> None:
    other = factories.make_catalog(shelf.bi)
    assert find_inconsistencies() == []

    Table.objects.filter(pk=shelf.claims_table.pk).update(
        tags={"tier": "silver", "line": "x"}, classes=["private"]
    )
    assert find_inconsistencies() == []
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(is_published=False, tier="bronze")
    assert find_inconsistencies() == []
    ProductTable.objects.filter(product=shelf.claims).delete()
    assert find_inconsistencies() == []
    ProductTable.objects.create(product=shelf.claims, table=shelf.unlisted_table)
    assert find_inconsistencies() == []
    ConnectedCatalog.objects.exclude(pk=other.pk).update(region="eu-north-1")
    ProductTable.objects.filter(product=shelf.claims).delete()
    shelf.unlisted_table.database.domain = shelf.card_spend.domain
    shelf.unlisted_table.database.save()
    assert find_inconsistencies() == []
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(tombstoned_at=clock.now())
    assert find_inconsistencies() == []


def test_counts_say_the_same_when_they_are_folded(shelf: SampleCatalog) -> None:
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(tags={"tier": "gold"})
    before, rows = search_as_ana(shelf, ""), FacetCount.objects.count()

    fold_counts()

    assert FacetCount.objects.count() < rows
    assert find_inconsistencies() == []
    assert search_as_ana(shelf, "").facets == before.facets


def test_a_search_without_words_counts_as_one_that_all_match(shelf: SampleCatalog) -> None:
    """Stored counts are those that a search would make: `-type:none` narrows nothing."""
    stored, counted = search_as_ana(shelf, ""), search_as_ana(shelf, "q=-type:none")

    assert (stored.total, list_hit_names(stored)) == (counted.total, list_hit_names(counted))
    for one, other in zip(stored.facets, counted.facets, strict=True):
        assert [(v.value, v.label, v.count) for v in one.values] == [
            (v.value, v.label, v.count) for v in other.values
        ]


def count_matches(shelf: SampleCatalog, querystring: str) -> tuple[dict[tuple[str, str], int], int]:
    """Counts by facet and value, and how many rows the page has."""
    told = find_matches(shelf, querystring)
    return {(facet, value): count for facet, value, _, count in told.counts}, len(told.rows)


def test_of_very_many_tables_a_sample_tells_the_counts_and_says_so(shelf: SampleCatalog) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT_MANY, [shelf.insurance.pk, RARE + 4000])
    LexemeCount.objects.create(lexeme="flood", documents=RARE + 4000)

    everything, rows = count_matches(shelf, "q=flood")
    assert ("estimated", "") in everything
    assert everything["total", "table"] == pytest.approx(RARE + 4000, rel=0.05)
    assert everything["domain", shelf.insurance.slug] == everything["total", "table"]
    assert rows == 20

    gold, _ = count_matches(shelf, "q=flood&tier=gold")
    assert ("estimated", "") not in gold
    assert gold["total", "table"] == (RARE + 4000) // 4


@pytest.mark.parametrize(
    "text", ["claim", "claim history", '"claim history"', "history claim -spend", "claim tier:gold"]
)
def test_a_search_for_a_rare_word_finds_and_counts_what_any_search_would(
    shelf: SampleCatalog, text: str
) -> None:
    rare = find_matches(shelf, f"q={text}")
    LexemeCount.objects.update(documents=RARE + 1)
    frequent = find_matches(shelf, f"q={text}")

    assert [row.pk for row in rare.rows] == [row.pk for row in frequent.rows]
    assert sorted(rare.counts) == sorted(count for count in frequent.counts if count[0] != "estimated")
    assert rare.total > 0


def test_of_very_many_the_best_by_name_come_first(shelf: SampleCatalog) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT_MANY.replace("flood:1A", "flood:1C"), [shelf.insurance.pk, RARE + 4000])
        cursor.execute("UPDATE catalog_document SET search = 'flood:1A tide:2A' WHERE name = 'flood_9000'")
        cursor.execute("UPDATE catalog_document SET search = 'flood:1B' WHERE name = 'flood_8000'")

    found = find_matches(shelf, "q=flood").rows

    assert [row.pk for row in found[:1]] == [1_009_000]
    assert len(found) == 20


def test_a_word_that_is_frequent_since_its_last_count_is_counted_one_by_one(shelf: SampleCatalog) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT_MANY, [shelf.insurance.pk, RARE + 4000])

    everything, _ = count_matches(shelf, 'q="flood"')

    assert ("estimated", "") not in everything
    assert everything["total", "table"] == RARE + 4000


def test_a_document_is_not_changed_by_what_it_does_not_say(shelf: SampleCatalog) -> None:
    before = query("SELECT xmin::text FROM catalog_document ORDER BY id")

    Table.objects.update(description="Other words.")

    assert query("SELECT xmin::text FROM catalog_document ORDER BY id") == before
    assert Document.objects.count() == len(before)
