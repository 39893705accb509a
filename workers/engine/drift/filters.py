"""Finds data cells filters of proven intents that were deleted, changed, or changed and reverted."""

from collections.abc import Iterable

from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedCellsFilter
from lakeformation.observation.reading import get_filter_problem
from lakeformation.planning.changes import DriftReport
from lakeformation.planning.desired import IntentSpec
from workers.engine.claim import Lease
from workers.engine.proofs import is_proven_present, mark_unknown
from workers.engine.reading.catalog import CatalogReading


def find_missing_filters(
    wishes: Iterable[IntentSpec], seen: CatalogReading, lease: Lease
) -> list[DriftReport]:
    """Filters that were deleted or changed. A catalog round may repair one before a share round sees it."""
    wanted = [(wish.intent_id, wish.access.cells_filter) for wish in wishes if wish.is_live(lease.now)]
    known = seen.filters_by_key
    lacks = {intent: lack for intent, one in wanted if one and (lack := get_filter_problem(known, one))}
    return [
        DriftReport("filter", f"{lacks[intent.pk]}; repairing it", (intent.pk,))
        for intent in Intent.objects.filter(pk__in=lacks).order_by("pk")
        if is_proven_present(intent)
    ]


def find_reverted_filters(seen: CatalogReading, lease: Lease) -> list[DriftReport]:
    """Filters with unchanged contents and another version: their holders saw other cells in between.

    Called before the reading is stored, by whichever scope reads first.
    """
    before = {
        (row.database, row.table, row.name): row
        for row in ObservedCellsFilter.objects.filter(catalog=lease.scope.catalog)
    }
    found = []
    for one, version in seen.filters.items():
        row = before.get(one.key)
        if (
            row is None
            or (row.rows, row.columns) != (one.rows, one.columns.to_json())
            or row.version == version
        ):
            continue
        intents = Intent.objects.filter(
            scope_key__startswith=f"share:{lease.scope.catalog_id}:",
            ended_at__isnull=True,
            wanted__database=one.database,
            wanted__table=one.table,
            wanted__row_filter=one.rows,
        )
        holding = [i for i in intents.order_by("pk") if i.access.cells_filter == one]
        text = f"data cells filter {one.name} was changed by someone and changed back; checking again"
        found += [
            DriftReport("filter", text, (intent.pk,)) for intent in holding if is_proven_present(intent)
        ]
    return found


def mark_drifted(drift: Iterable[DriftReport], lease: Lease) -> None:
    """Mark the intents of the drift *unknown*."""
    doubts = ((pk, one.text) for one in drift for pk in one.intents)
    mark_unknown(doubts, verb="found_drift", owner=lease.owner, now=lease.now)
