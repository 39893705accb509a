"""When tables were last read, by AWS's own record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from catalog.mirror.models import Table
from catalog.usage.models import LastUse, get_trail_readings


@dataclass(frozen=True)
class LastRead:
    """`at` is None if nobody read them since `since`, which is None if some catalog's log files were not read."""

    at: datetime | None
    since: datetime | None


def find_last_read(tables: Iterable[Table]) -> LastRead:
    """Of any of the tables, whose databases must be loaded. Two queries."""
    rows = list(tables)
    wanted = Q(pk__in=[])
    for row in rows:
        wanted |= Q(catalog=row.database.catalog_id, database=row.database.name, table=row.name)
    at = LastUse.objects.filter(wanted).aggregate(at=Max("at"))["at"] if rows else None
    catalogs = {row.database.catalog_id for row in rows}
    begun = [one.since for one in get_trail_readings(catalogs).values() if one.since]
    return LastRead(at, max(begun) if begun and len(begun) == len(catalogs) else None)
