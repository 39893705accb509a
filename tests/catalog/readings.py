"""Complete readings of the database `gold`, as a sync would bring them."""

from datetime import timedelta
from typing import Any

from audit import clock
from catalog.mirror.glue_parser import database_snapshot
from catalog.mirror.models import Database
from catalog.mirror.snapshot import NO_TAGS
from catalog.sync.database_writer import store_database, tombstone
from catalog.sync.diff import Reading
from catalog.sync.table_writer import TableWriter
from identity.accounts.models import ConnectedCatalog
from tests import factories


def make_catalog() -> ConnectedCatalog:
    """A catalog with the empty database `gold`."""
    found = factories.make_catalog(factories.make_account(factories.make_team("Governance")))
    read_database(found)
    return found


def read_database(catalog: ConnectedCatalog, days: int = 0, description: str = "") -> bool:
    answer = {
        "Name": "gold",
        "Description": description,
        "CreateTime": factories.BORN + timedelta(days=days),
    }
    return store_database(catalog, database_snapshot(answer, {}), clock.now())[1]


def table(name: str = "claims", *columns: str, days: int = 0, **more: Any) -> dict[str, Any]:
    """An entry of GetTables; a column is `name` or `name:type`."""
    listed = [column.partition(":") for column in columns or ("claim_id",)]
    place = {"Columns": [{"Name": name, "Type": type_ or "string"} for name, _, type_ in listed]}
    return {
        "Name": name,
        "CreateTime": factories.BORN + timedelta(days=days),
        "StorageDescriptor": {**place, "Location": more.pop("location", "")},
        **more,
    }


def reading_of(catalog: ConnectedCatalog) -> Reading:
    return Reading(
        Database.objects.get(catalog=catalog, name="gold", tombstoned_at=None), lambda _name: NO_TAGS
    )


def read(catalog: ConnectedCatalog, *answers: dict[str, Any]) -> tuple[int, int]:
    """One complete reading of `gold`; returns how many rows were made or altered, and how many tombstoned."""
    reading = reading_of(catalog)
    differences = reading.differences(answers)
    reading.saw([answer["Name"] for answer in answers])
    written = TableWriter(catalog.pk).write(differences, clock.now())
    gone = tombstone(reading.vanished(), [], clock.now())
    return len(written.made) + len(written.altered), len(written.replaced) + gone
