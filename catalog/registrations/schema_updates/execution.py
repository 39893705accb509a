"""Compares registered tables with their producers' catalogs: a deferred decision of the web processes."""

from datetime import datetime

from background.tasks import ErrorCollector
from catalog.registrations.schema_updates.actions import find_schema_update
from catalog.registrations.schema_updates.queries import list_changed_registrations


def find_schema_updates(now: datetime) -> int:
    """Returns how many updates were found. A failure leaves its registration for the next attempt."""
    faults, count = ErrorCollector(), 0
    for pk in list(list_changed_registrations().values_list("pk", flat=True)):
        with faults.collect(f"the schema of registration {pk}"):
            count += find_schema_update(registration_id=pk, now=now) is not None
    faults.raise_first()
    return count
