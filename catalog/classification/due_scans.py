"""Requests scans of tables with new or changed columns."""

from datetime import datetime

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from catalog.classification.models import Scan
from catalog.classification.states import OPEN_SCAN_STATES
from catalog.mirror.models import SchemaChange, Table

MAX_WAITING = 50
"""Scans of the schedule that may wait at once, so that those that people start come first."""
COLUMN_CHANGES = ("column_added", "type_changed", "type_widened")


def request_due_scans(now: datetime) -> int:
    """Returns how many. A table that was never scanned is due, and one whose columns changed after its last scan."""
    if not settings.SCHEDULED_SCANS:
        return 0
    free = MAX_WAITING - Scan.objects.filter(state__in=OPEN_SCAN_STATES).count()
    if free <= 0:
        return 0
    ids = list_tables_to_scan().order_by(F("mirrored_at").desc(), "pk").values_list("pk", flat=True)[:free]
    made = Scan.objects.bulk_create(
        [Scan(table_id=pk, requested_at=now) for pk in ids], ignore_conflicts=True
    )
    return len(made)


def list_tables_to_scan() -> QuerySet[Table]:
    """Tables that were never scanned, and those whose columns changed after their last scan."""
    scanned = Scan.objects.filter(table=OuterRef("pk"))
    changed_columns = Q()
    for what in COLUMN_CHANGES:
        changed_columns |= Q(changes__contains=[{"what": what}])
    later = Scan.objects.filter(table=OuterRef("table"), requested_at__gte=OuterRef("seen_at"))
    changes = SchemaChange.objects.filter(changed_columns, ~Exists(later), table=OuterRef("pk"))
    return Table.objects.filter(~Exists(scanned) | Exists(changes), tombstoned_at=None)
