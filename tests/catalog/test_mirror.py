"""A reading changes what differs and nothing else; what vanished is kept as a tombstone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from audit import clock
from catalog.mirror import store_database, store_tables, tombstone_databases
from catalog.models import Column, Database, Table
from catalog.snapshot import TableSnapshot, database_snapshot, table_snapshot
from identity.models import ConnectedCatalog
from tests import factories
from tests.database import as_role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def as_worker(db: None) -> Iterator[None]:
    with as_role("meshmarket_worker"):
        yield


@pytest.fixture
def catalog() -> ConnectedCatalog:
    found = factories.make_catalog(factories.make_account(factories.make_team("Governance")))
    name_database(found)
    return found


def name_database(catalog: ConnectedCatalog, days: int = 0, description: str = "") -> bool:
    answer = {
        "Name": "gold",
        "Description": description,
        "CreateTime": factories.BORN + timedelta(days=days),
    }
    return store_database(catalog, database_snapshot(answer, {}), clock.now())


def read(name: str = "claims", *columns: str, days: int = 0) -> TableSnapshot:
    listed = [{"Name": column, "Type": "string"} for column in columns or ("claim_id",)]
    answer = {
        "Name": name,
        "CreateTime": factories.BORN + timedelta(days=days),
        "StorageDescriptor": {"Columns": listed},
    }
    return table_snapshot(answer, database_tags={})


def store(catalog: ConnectedCatalog, *tables: TableSnapshot) -> tuple[int, int]:
    changes = store_tables(catalog, "gold", tables, clock.now())
    return changes.changed, changes.tombstoned


def test_only_what_differs_is_written(catalog: ConnectedCatalog) -> None:
    assert store(catalog, read("claims"), read("policies")) == (2, 0)
    assert store(catalog, read("claims"), read("policies")) == (0, 0)
    assert store(catalog, read("claims", "claim_id", "status"), read("policies")) == (1, 0)


def test_columns_follow_in_order_and_those_that_vanished_go(catalog: ConnectedCatalog) -> None:
    store(catalog, read("claims", "a", "b", "c"))
    store(catalog, read("claims", "c", "a"))

    assert list(Column.objects.values_list("position", "name")) == [(1, "c"), (2, "a")]


def test_a_vanished_table_is_kept_as_a_tombstone(catalog: ConnectedCatalog) -> None:
    store(catalog, read("claims"))

    assert store(catalog) == (0, 1)
    assert Table.objects.get().tombstoned_at is not None
    assert store(catalog) == (0, 0)


def test_a_table_made_anew_is_another_row(catalog: ConnectedCatalog) -> None:
    store(catalog, read("claims"))
    first = Table.objects.get()

    assert store(catalog, read("claims", days=1)) == (1, 1)

    first.refresh_from_db()
    assert first.tombstoned_at is not None
    assert Table.objects.get(tombstoned_at=None).pk != first.pk


def test_a_database_made_anew_is_another_row_and_keeps_its_domain(catalog: ConnectedCatalog) -> None:
    domain = factories.make_domain(factories.make_team("Insurance"))
    Database.objects.update(domain=domain)
    store(catalog, read("claims"))

    assert name_database(catalog, days=1)

    anew = Database.objects.get(tombstoned_at=None)
    assert anew.domain == domain
    assert not Table.objects.filter(tombstoned_at=None).exists()


def test_a_database_is_written_when_it_differs_only(catalog: ConnectedCatalog) -> None:
    assert not name_database(catalog)
    assert name_database(catalog, description="Gold tables")
    assert Database.objects.get().description == "Gold tables"


def test_vanished_databases_take_their_tables_along(catalog: ConnectedCatalog) -> None:
    store(catalog, read("claims"))

    assert tombstone_databases(catalog, ["gold"], clock.now()) == 0
    assert tombstone_databases(catalog, [], clock.now()) == 2
    assert not Table.objects.filter(tombstoned_at=None).exists()


def test_a_table_of_thousands_of_columns_with_endless_comments_is_stored(catalog: ConnectedCatalog) -> None:
    columns = [
        {"Name": f"column_{number}", "Type": "string", "Comment": f"word{number} " * 30}
        for number in range(3000)
    ]
    answer = {"Name": "wide\x00", "StorageDescriptor": {"Columns": columns}}

    assert store(catalog, table_snapshot(answer, database_tags={})) == (1, 0)
    assert Column.objects.count() == 3000
