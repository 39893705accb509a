"""Statistics of columns come with a reading, for tables of products, without a value of the data."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog.mirror.columns import get_column_statistics
from catalog.mirror.models import Column, Database, Table, TableStatistics
from catalog.products.models import DataProduct, Domain, ProductTable
from identity.accounts import ConnectedCatalog
from identity.people.models import Person, Team
from kernel import clock
from mocklake.testing.server import Cloud
from tests.database import as_role
from tests.portal.conftest import make_client
from tests.workers.sync.conftest import DATABASE, make_table, sync_successfully
from workers.sync.runs import read_statistics

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 1, tzinfo=UTC)


def set_glue_statistics(glue: Any, name: str, column: str = "id", distinct: int = 3) -> None:
    """Glue keeps these figures of a column of strings."""
    data = {"MaximumLength": 12, "AverageLength": 4.5, "NumberOfNulls": 1, "NumberOfDistinctValues": distinct}
    told = {"Type": "STRING", "StringColumnStatisticsData": data}
    one = {"ColumnName": column, "ColumnType": "string", "AnalyzedTime": AT, "StatisticsData": told}
    glue.update_column_statistics_for_table(DatabaseName=DATABASE, TableName=name, ColumnStatisticsList=[one])


def add_to_product(name: str, *, is_published: bool = True) -> Table:
    table = Table.objects.get(name=name, tombstoned_at=None)
    with as_role("meshmarket_web"):
        owner, team = Person.objects.order_by("pk")[0], Team.objects.order_by("pk")[0]
        domain, _ = Domain.objects.get_or_create(slug="counted", name="Counted", owner_team=team)
    Database.objects.filter(pk=table.database_id).update(domain=domain)
    with as_role("meshmarket_web"):
        product = DataProduct.objects.create(
            slug=name, name=name, summary="s", domain=domain, owner=owner, is_published=is_published
        )
        ProductTable.objects.create(product=product, table=table)
    return table


def read_figures(table: Table) -> list[tuple[str, int | None, int | None, int | None]]:
    row = TableStatistics.objects.filter(table=table).first()
    return [(each.name, each.distinct, each.nulls, each.longest) for each in get_column_statistics(row)]


def test_a_table_of_a_product_has_its_columns_counted(catalog: ConnectedCatalog, glue: Any) -> None:
    make_table(glue, "counted")
    set_glue_statistics(glue, "counted")
    sync_successfully(catalog)
    table = add_to_product("counted")

    sync_successfully(catalog)

    assert read_figures(table) == [("id", 3, 1, 12)]
    assert "12" in str(TableStatistics.objects.get(table=table).columns)
    with as_role("meshmarket_web"):
        page = make_client(Person.objects.get(name="Ana Keller")).get(f"/tables/{table.pk}/").content.decode()
    assert "Distinct values" in page
    assert "2026-11-01" in page


def test_nothing_is_asked_of_other_tables_and_of_sensitive_columns(
    catalog: ConnectedCatalog, glue: Any
) -> None:
    for name in ("alone", "hidden", "secret"):
        make_table(glue, name)
        set_glue_statistics(glue, name)
    sync_successfully(catalog)
    hidden, secret = add_to_product("hidden", is_published=False), add_to_product("secret")
    Column.objects.filter(table=secret).update(classification="sensitive")

    sync_successfully(catalog)

    assert read_figures(hidden) == read_figures(secret) == []
    assert TableStatistics.objects.values_list("table", flat=True).get() == secret.pk


def test_they_are_asked_for_again_when_the_table_was_altered_or_a_day_is_over(
    catalog: ConnectedCatalog, glue: Any
) -> None:
    make_table(glue, "again")
    sync_successfully(catalog)
    table = add_to_product("again")
    sync_successfully(catalog)
    set_glue_statistics(glue, "again", distinct=4)
    assert read_statistics(catalog, threading.Event(), "test") == 0

    TableStatistics.objects.update(read_at=clock.now() - timedelta(days=2))
    assert read_statistics(catalog, threading.Event(), "test") == 1
    assert read_figures(table)[0][1] == 4

    Table.objects.filter(pk=table.pk).update(mirrored_at=clock.now())
    assert read_statistics(catalog, threading.Event(), "test") == 1


def test_what_aws_refuses_is_said_and_the_sync_goes_on(
    catalog: ConnectedCatalog, glue: Any, cloud: Cloud
) -> None:
    make_table(glue, "refused")
    sync_successfully(catalog)
    table = add_to_product("refused")
    glue.delete_table(DatabaseName=DATABASE, Name="refused")

    assert read_statistics(catalog, threading.Event(), "test") == 1

    assert "EntityNotFoundException" in TableStatistics.objects.get(table=table).error
    with as_role("meshmarket_web"):
        page = make_client(Person.objects.get(name="Ana Keller")).get(f"/tables/{table.pk}/").content.decode()
    assert "Not known: AWS denied access to them." in page


def test_a_reading_that_shall_stop_asks_for_nothing(catalog: ConnectedCatalog, glue: Any) -> None:
    make_table(glue, "stopped")
    sync_successfully(catalog)
    add_to_product("stopped")
    stop = threading.Event()
    stop.set()
    assert read_statistics(catalog, stop, "test") == 0
