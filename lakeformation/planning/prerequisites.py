"""Prerequisites in the owner's catalog: registered locations and data cells filters."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from lakeformation.observation.reading import is_path_covered
from lakeformation.planning.changes import PlannedChange, Step
from lakeformation.planning.desired import IntentSpec
from lakeformation.values.data_cells_filters import CellsFilter, FilterKey
from lakeformation.values.locations import Location
from lakeformation.values.permissions import HeldPermissions


def plan_registrations(
    specs: Iterable[IntentSpec], registered: frozenset[str], *, now: datetime
) -> list[Step]:
    """One step for each data location that live intents need and nobody registered.

    A location stays registered when its last intent ends: other readers may rely on it by then.
    """
    needed: dict[Location, set[int]] = {}
    for wish in specs:
        for location in wish.access.registrations if wish.is_live(now) else ():
            if not any(is_path_covered(arn, location.arn) for arn in registered):
                needed.setdefault(location, set()).add(wish.intent_id)
    return [
        Step(
            "RegisterResource",
            location.catalog,
            (
                PlannedChange(
                    "register", location.catalog, location.arn, location, None, tuple(sorted(intents))
                ),
            ),
        )
        for location, intents in sorted(needed.items())
    ]


def plan_filters(
    specs: Iterable[IntentSpec],
    seen: Mapping[FilterKey, CellsFilter],
    held: HeldPermissions,
    *,
    now: datetime,
) -> list[Step]:
    """Make the data cells filters that live intents need; remove those that only ended ones needed.

    A filter that anyone holds is never removed: whoever it is would lose access. One of ours that somebody
    changed is removed and made anew, once its holders have let go of it. `specs` are live and ended ones.
    """
    wanted: dict[CellsFilter, set[int]] = {}
    former: dict[FilterKey, set[int]] = {}
    for wish in specs:
        one = wish.access.cells_filter
        if one is None:
            continue
        if wish.is_live(now):
            wanted.setdefault(one, set()).add(wish.intent_id)
        elif wish.was_applied:
            former.setdefault(one.key, set()).add(wish.intent_id)
    in_use = {(p.database, p.table, p.cells_filter) for p in held if p.cells_filter}
    return [
        *_plan_filter_deletions(wanted, former, seen, in_use),
        *_plan_filter_creations(wanted, seen, in_use),
    ]


def _plan_filter_deletions(
    wanted: Mapping[CellsFilter, set[int]],
    former: Mapping[FilterKey, set[int]],
    seen: Mapping[FilterKey, CellsFilter],
    in_use: set[FilterKey],
) -> Iterator[Step]:
    reasons = {**former, **{one.key: intents for one, intents in wanted.items()}}
    for key in sorted(reasons):
        if key in seen and key not in in_use and seen[key] not in wanted:
            yield _build_step("DeleteDataCellsFilter", "unfilter", seen[key], reasons[key])


def _plan_filter_creations(
    wanted: Mapping[CellsFilter, set[int]], seen: Mapping[FilterKey, CellsFilter], in_use: set[FilterKey]
) -> Iterator[Step]:
    for one in sorted(wanted, key=lambda one: one.key):
        found = seen.get(one.key)
        if found is None or (found != one and one.key not in in_use):
            yield _build_step("CreateDataCellsFilter", "filter", one, wanted[one])


def _build_step(operation: str, action: str, one: CellsFilter, intents: set[int]) -> Step:
    change = PlannedChange(action, one.catalog, one.resource, one, None, tuple(sorted(intents)))
    return Step(operation, one.catalog, (change,))
