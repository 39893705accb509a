"""When tables were last read, by AWS's own record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from catalog.mirror.models import Table
from catalog.usage.models import LastUse, get_trail_readings


@dataclass(frozen=True)
class LastRead:
    """`at` is None if nobody read them since `since`, which is None where no log files were read."""

    at: datetime | None
    since: datetime | None
    until: datetime | None


def find_last_read(tables: Iterable[Table]) -> LastRead:
    """Of any of the tables, whose databases must be loaded. Two queries."""
    rows = list(tables)
    wanted = Q(pk__in=[])
    for row in rows:
        wanted |= Q(catalog=row.database.catalog_id, database=row.database.name, table=row.name)
    at = LastUse.objects.filter(wanted).aggregate(at=Max("at"))["at"] if rows else None
    readings = get_trail_readings({row.database.catalog_id for row in rows}).values()
    return LastRead(
        at,
        max((one.since for one in readings if one.since), default=None),
        min((one.until for one in readings if one.until), default=None),
    )
