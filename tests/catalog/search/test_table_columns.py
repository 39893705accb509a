"""Columns of hits are read once for a version of their table: no search shows what was there before."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.mirror.models import Table
from catalog.search.items import MAX_CACHED_COLUMNS, Columns, read_tables
from tests import factories
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> SampleCatalog:
    return make_sample_catalog()


def queries_for(tables: list[int]) -> int:
    with CaptureQueriesContext(connection) as captured:
        read_tables(tables, ())
    return len(captured)


def names(table: Table) -> tuple[str, ...]:
    return read_tables([table.pk], ())[0][table.pk].columns.names


def test_columns_are_asked_for_once(shelf: SampleCatalog) -> None:
    assert [queries_for([shelf.unlisted_table.pk, shelf.claims_table.pk]) for _ in range(2)] == [2, 1]
    assert queries_for([]) == 0


def test_a_table_without_columns_is_asked_for_once(shelf: SampleCatalog) -> None:
    empty = factories.make_table(shelf.unlisted_table.database, "empty", [])

    assert [queries_for([empty.pk]) for _ in range(2)] == [2, 1]
    assert read_tables([empty.pk], ())[0][empty.pk].columns == Columns()


def test_a_table_that_was_written_shows_its_new_columns(shelf: SampleCatalog) -> None:
    assert names(shelf.unlisted_table) == ("status",)
    factories.make_column(shelf.unlisted_table, "amount", 1, sensitive=True)
    Table.objects.filter(pk=shelf.unlisted_table.pk).update(digest="1")

    assert names(shelf.unlisted_table) == ("status", "amount")
    assert read_tables([shelf.unlisted_table.pk], ())[0][shelf.unlisted_table.pk].columns.sensitive == 1


def test_a_name_of_a_database_is_read_each_time(shelf: SampleCatalog) -> None:
    assert read_tables([shelf.unlisted_table.pk], ())[0][shelf.unlisted_table.pk].place.endswith(
        " / insurance_gold"
    )
    shelf.unlisted_table.database.name = "renamed"
    shelf.unlisted_table.database.save()

    assert read_tables([shelf.unlisted_table.pk], ())[0][shelf.unlisted_table.pk].place.endswith(" / renamed")


def test_a_wide_table_is_not_kept(shelf: SampleCatalog) -> None:
    wide = factories.make_table(
        shelf.unlisted_table.database, "wide", [f"c_{number}" for number in range(MAX_CACHED_COLUMNS + 1)]
    )

    assert [queries_for([wide.pk]) for _ in range(2)] == [2, 2]
