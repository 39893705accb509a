"""When tables were last read, by AWS's own record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from catalog.mirror.models import Table
from catalog.usage.models import LastUse, PersonLastUse, TrailReading, get_trail_readings


@dataclass(frozen=True)
class LastRead:
    """`at` is None if nobody read them since `since`, which is None if some catalog's log files were not read."""

    at: datetime | None
    since: datetime | None


def find_last_read(tables: Iterable[Table], readings: Mapping[int, TrailReading] | None = None) -> LastRead:
    """Of any of the tables, whose databases must be loaded. `readings` are those of their catalogs, if they are loaded
    already. Two queries, else one.
    """
    rows = list(tables)
    at = LastUse.objects.filter(_match_tables(rows)).aggregate(at=Max("at"))["at"] if rows else None
    catalogs = {row.database.catalog_id for row in rows}
    known = get_trail_readings(catalogs) if readings is None else readings
    begun = [one.since for one in known.values() if one.since]
    return LastRead(at, max(begun) if begun and len(begun) == len(catalogs) else None)


def list_person_reads(tables: Iterable[Table]) -> QuerySet[PersonLastUse]:
    """The last read of each person, the latest first. With their persons."""
    rows = PersonLastUse.objects.filter(_match_tables(list(tables)))
    return rows.select_related("person").order_by("-at", "pk")


def _match_tables(tables: list[Table]) -> Q:
    wanted = Q(pk__in=[])
    for row in tables:
        wanted |= Q(catalog=row.database.catalog_id, database=row.database.name, table=row.name)
    return wanted
