"""What somebody did to the data cells filters that proven intents rely on: deleted, changed, changed and back."""

from collections.abc import Iterable

from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedFilter
from lakeformation.observation.reading import lack_of_filter
from lakeformation.planning.changes import Drift
from lakeformation.planning.desired import Wish
from workers.engine.claim import Lease
from workers.engine.proofs import doubt, stands
from workers.engine.reading.catalog import CatalogReading


def lacking(wishes: Iterable[Wish], seen: CatalogReading, lease: Lease) -> list[Drift]:
    """Filters deleted or changed. The catalog's scope tells it, too, as it may mend it before a share scope looks."""
    wanted = [(wish.intent, wish.access.cells_filter) for wish in wishes if wish.is_live(lease.now)]
    known = seen.filters_by_key
    lacks = {intent: lack for intent, one in wanted if one and (lack := lack_of_filter(known, one))}
    return [
        Drift("filter", f"{lacks[intent.pk]}; repairing it", (intent.pk,))
        for intent in Intent.objects.filter(pk__in=lacks).order_by("pk")
        if stands(intent)
    ]


def changed_back(seen: CatalogReading, lease: Lease) -> list[Drift]:
    """Filters that read as they did last time, while AWS counted changes: who held them saw other cells meanwhile.

    Called before the reading is stored, by whichever scope reads first.
    """
    before = {
        (row.database, row.table, row.name): row
        for row in ObservedFilter.objects.filter(catalog=lease.scope.catalog)
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
            wanted__row_rule=one.rows,
        )
        holding = [i for i in intents.order_by("pk") if i.access.cells_filter == one]
        text = f"data cells filter {one.name} was changed by someone and changed back; checking again"
        found += [Drift("filter", text, (intent.pk,)) for intent in holding if stands(intent)]
    return found


def doubt_all(drift: Iterable[Drift], lease: Lease) -> None:
    """What was proven of the intents concerned is no longer so."""
    doubts = ((pk, one.text) for one in drift for pk in one.intents)
    doubt(doubts, verb="found_drift", owner=lease.owner, now=lease.now)
