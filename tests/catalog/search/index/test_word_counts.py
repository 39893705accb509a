"""In how many visible documents each lexeme is: exact at every commit, whatever changes a document."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from catalog.declarations import DeclarationContext, declare
from catalog.mirror.models import Table
from catalog.products.models import DataProduct, ProductTable
from catalog.search.index.indexing import index_products
from catalog.search.index.models import IndexedWord, LexemeChange, LexemeCount
from catalog.search.index.vocabulary import DOCUMENTS_WITH, count_words, fold_word_counts
from kernel import clock
from tests import factories
from tests.catalog.indexing import index_tables
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog

pytestmark = pytest.mark.django_db
MOST_DOCUMENTS = 200
"""Of one statement, whose words are counted at once; see `catalog/migrations/sql/lexeme_counts.sql`."""
WRONG_COUNTS = """
SELECT lexeme, counted.documents, found.documents FROM (
  SELECT lexeme, sum(documents) AS documents FROM catalog_lexeme_documents WHERE lexeme <> '' GROUP BY 1
  HAVING sum(documents) <> 0) AS counted
FULL JOIN (
  SELECT unnest(tsvector_to_array(search)) AS lexeme, count(*) AS documents FROM catalog_document WHERE visibility = 1
  GROUP BY 1) AS found USING (lexeme)
WHERE counted.documents IS DISTINCT FROM found.documents"""
WRONG_WORDS = """
SELECT word, documents FROM catalog_indexedword WHERE documents <> (SELECT count(*) FROM catalog_document
  WHERE visibility = 1 AND search @@ to_tsquery('simple', quote_literal(word)))"""
INSERT_MANY = """
INSERT INTO catalog_document (id, visibility, kind, name, region, format, tag, classification, fresh, is_empty, search)
SELECT 1000000 + n, 1, 'table', 'flood_' || n, '{}', '{}', '{}', '{}', '', false, 'flood:1A' FROM generate_series(1, %s) AS n"""


@pytest.fixture
def shelf() -> SampleCatalog:
    shelf = make_sample_catalog()
    fold_word_counts()
    assert count_documents("claim") == 2
    return shelf


def query(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return list(cursor.fetchall())


def count_documents(lexeme: str) -> int:
    found: int = query(f"SELECT {DOCUMENTS_WITH.format(lexeme='%s')}", lexeme)[0][0]
    return found


def edit_product(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(
        description="Claims of 2024, version 8, in Zürich."
    )
    index_products([shelf.card_spend.pk])


def hide_product(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(is_published=False)


def publish_product(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(is_published=True)


def remove_table(shelf: SampleCatalog) -> None:
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(tombstoned_at=clock.now())


def restore_table(shelf: SampleCatalog) -> None:
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(tombstoned_at=None)


def describe_table(shelf: SampleCatalog) -> None:
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(description="Claim forms of 2024")
    index_tables([shelf.unlisted_table.pk])


def add_table(shelf: SampleCatalog) -> None:
    ProductTable.objects.get_or_create(product=shelf.claims, table=shelf.unlisted_table)
    index_products([shelf.claims.pk])


def take_table(shelf: SampleCatalog) -> None:
    ProductTable.objects.filter(product=shelf.claims).delete()
    index_products([shelf.claims.pk])


def declare_product(shelf: SampleCatalog) -> None:
    row = {"slug": "zebras", "name": "Zebras of 2024", "summary": "Striped claims", "owner": shelf.ines.email}
    table = f"{shelf.unlisted_table.database.name}.{shelf.unlisted_table.name}"
    said = {"products": [row | {"domain": shelf.insurance.slug, "tables": [table]}]}
    declare(DeclarationContext(factories.make_admin(f"admin-{random.random()}"), clock.now(), ""), said)


def fold(_shelf: SampleCatalog) -> None:
    fold_word_counts()


ACTIONS: list[Callable[[SampleCatalog], None]] = [
    edit_product, hide_product, publish_product, remove_table, restore_table, describe_table, add_table, take_table,
]  # fmt: skip


@pytest.mark.parametrize("action", [*ACTIONS, declare_product])
def test_counts_are_exact_after_each_change(
    shelf: SampleCatalog, action: Callable[[SampleCatalog], None]
) -> None:
    action(shelf)

    assert query(WRONG_COUNTS) == []
    fold_word_counts()
    assert query(WRONG_COUNTS) == query(WRONG_WORDS) == []


@pytest.mark.parametrize("seed", range(4))
def test_counts_are_exact_after_any_changes(shelf: SampleCatalog, seed: int) -> None:
    drawn = random.Random(seed)
    for action in drawn.choices([*ACTIONS, fold], k=25):
        action(shelf)
        assert query(WRONG_COUNTS) == []
    fold_word_counts()
    assert query(WRONG_WORDS) == []
    assert not LexemeChange.objects.exists()


def test_stems_and_numbers_are_counted(shelf: SampleCatalog) -> None:
    edit_product(shelf)

    assert [count_documents(lexeme) for lexeme in ("2024", "8", "claim", "claims")] == [1, 1, 3, 2]
    assert count_documents("zebra") == 0


def test_a_deleted_document_is_not_counted(shelf: SampleCatalog) -> None:
    query("DELETE FROM catalog_document WHERE visibility = 1 RETURNING id")

    assert query(WRONG_COUNTS) == []
    assert count_documents("claim") == 0


def test_a_change_of_something_else_counts_nothing(shelf: SampleCatalog) -> None:
    Table.objects.update(tags={"tier": "gold"})

    assert not LexemeChange.objects.exists()


def test_very_many_documents_are_counted_all_at_once(shelf: SampleCatalog) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT_MANY, [MOST_DOCUMENTS + 1])
    assert list(LexemeChange.objects.values_list("lexeme", "documents")) == [("", 0)]

    count_words()

    assert count_documents("flood") == MOST_DOCUMENTS + 1
    assert query(WRONG_COUNTS) == []
    assert not LexemeChange.objects.exists()


def test_a_full_count_repairs(shelf: SampleCatalog) -> None:
    LexemeCount.objects.update(documents=7)
    LexemeCount.objects.create(lexeme="gone", documents=1)
    LexemeCount.objects.filter(lexeme="claim").delete()

    count_words()

    assert query(WRONG_COUNTS) == query(WRONG_WORDS) == []


def test_a_new_word_has_the_count_of_its_lexeme(shelf: SampleCatalog) -> None:
    IndexedWord.objects.filter(word="claim").delete()
    index_products()

    assert IndexedWord.objects.get(word="claim").documents == count_documents("claim")
