"""Complete readings of the database `gold`, as a sync would bring them."""

from datetime import timedelta
from typing import Any

from catalog.mirror.glue_parser import build_database_snapshot
from catalog.mirror.models import Database
from catalog.mirror.snapshot import NO_TAGS
from catalog.sync.database_writer import store_database, tombstone_rows
from catalog.sync.table_writer import DatabaseReading, TableWriter
from identity.accounts import ConnectedCatalog
from kernel import clock
from tests import factories


def make_catalog() -> ConnectedCatalog:
    """A catalog with the empty database `gold`."""
    found = factories.make_catalog(factories.make_account(factories.make_team("Governance")))
    sync_database(found)
    return found


def sync_database(catalog: ConnectedCatalog, days: int = 0, description: str = "") -> bool:
    answer = {
        "Name": "gold",
        "Description": description,
        "CreateTime": factories.BORN + timedelta(days=days),
    }
    return store_database(catalog, build_database_snapshot(answer, {}), clock.now())[1]


def build_table_answer(name: str = "claims", *columns: str, days: int = 0, **more: Any) -> dict[str, Any]:
    """An entry of GetTables; a column is `name` or `name:type`."""
    listed = [column.partition(":") for column in columns or ("claim_id",)]
    place = {"Columns": [{"Name": name, "Type": type_ or "string"} for name, _, type_ in listed]}
    return {
        "Name": name,
        "CreateTime": factories.BORN + timedelta(days=days),
        "StorageDescriptor": {**place, "Location": more.pop("location", "")},
        **more,
    }


def start_reading(catalog: ConnectedCatalog) -> DatabaseReading:
    return DatabaseReading(
        Database.objects.get(catalog=catalog, name="gold", tombstoned_at=None), lambda _name: NO_TAGS
    )


def sync_tables(catalog: ConnectedCatalog, *answers: dict[str, Any]) -> tuple[int, int]:
    """One complete reading of `gold`; returns how many rows were made or altered, and how many tombstoned."""
    reading = start_reading(catalog)
    differences = reading.find_differences(answers)
    reading.mark_seen([answer["Name"] for answer in answers])
    written = TableWriter(catalog.pk).write(differences, clock.now())
    gone = tombstone_rows(reading.list_vanished(), [], clock.now())
    return len(written.created) + len(written.updated), len(written.replaced) + gone
