"""Columns of hits are read once for a version of their table: no search shows what was there before."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.mirror.models import Table
from catalog.search.results import MAX_CACHED_COLUMNS, Columns, read_tables
from tests import factories
from tests.catalog.shelf import Shelf, make_shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> Shelf:
    return make_shelf()


def queries_for(tables: list[int]) -> int:
    with CaptureQueriesContext(connection) as captured:
        read_tables(tables)
    return len(captured)


def names(table: Table) -> tuple[str, ...]:
    return read_tables([table.pk])[table.pk].columns.names


def test_columns_are_asked_for_once(shelf: Shelf) -> None:
    assert [queries_for([shelf.free.pk, shelf.claims_table.pk]) for _ in range(2)] == [2, 1]
    assert queries_for([]) == 0


def test_a_table_without_columns_is_asked_for_once(shelf: Shelf) -> None:
    empty = factories.make_table(shelf.free.database, "empty", [])

    assert [queries_for([empty.pk]) for _ in range(2)] == [2, 1]
    assert read_tables([empty.pk])[empty.pk].columns == Columns()


def test_a_table_that_was_written_shows_its_new_columns(shelf: Shelf) -> None:
    assert names(shelf.free) == ("status",)
    factories.make_column(shelf.free, "amount", 1, sensitive=True)
    Table.objects.filter(pk=shelf.free.pk).update(digest="1")

    assert names(shelf.free) == ("status", "amount")
    assert read_tables([shelf.free.pk])[shelf.free.pk].columns.sensitive == 1


def test_a_name_of_a_database_is_read_each_time(shelf: Shelf) -> None:
    assert read_tables([shelf.free.pk])[shelf.free.pk].place.endswith(" / insurance_gold")
    shelf.free.database.name = "renamed"
    shelf.free.database.save()

    assert read_tables([shelf.free.pk])[shelf.free.pk].place.endswith(" / renamed")


def test_a_wide_table_is_not_kept(shelf: Shelf) -> None:
    wide = factories.make_table(
        shelf.free.database, "wide", [f"c_{number}" for number in range(MAX_CACHED_COLUMNS + 1)]
    )

    assert [queries_for([wide.pk]) for _ in range(2)] == [2, 2]
