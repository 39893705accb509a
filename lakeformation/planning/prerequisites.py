"""What must be true in the owner's catalog before a permission there has any effect: locations and filters."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from lakeformation.observation.reading import covers
from lakeformation.planning.changes import Change, Step
from lakeformation.planning.desired import Wish
from lakeformation.values.data_cells_filters import CellsFilter, FilterKey
from lakeformation.values.locations import Location
from lakeformation.values.permissions import Held


def registrations(wishes: Iterable[Wish], registered: frozenset[str], *, now: datetime) -> list[Step]:
    """One step for each data location that live wishes need and nobody registered.

    A location stays registered when its last wish ends: other readers may rely on it by then.
    """
    needed: dict[Location, set[int]] = {}
    for wish in wishes:
        for location in wish.access.registrations if wish.is_live(now) else ():
            if not any(covers(arn, location.arn) for arn in registered):
                needed.setdefault(location, set()).add(wish.intent)
    return [
        Step(
            "RegisterResource",
            location.place,
            (Change("register", location.place, location.arn, location, None, tuple(sorted(intents))),),
        )
        for location, intents in sorted(needed.items())
    ]


def filters(
    wishes: Iterable[Wish], seen: Mapping[FilterKey, CellsFilter], held: Held, *, now: datetime
) -> list[Step]:
    """Make the data cells filters that live wishes need; remove those that only ended ones needed.

    A filter that anyone holds is never removed: whoever it is would lose access. One of ours that somebody
    changed is removed and made anew, once its holders have let go of it. Wishes are live and ended ones.
    """
    wanted: dict[CellsFilter, set[int]] = {}
    former: dict[FilterKey, set[int]] = {}
    for wish in wishes:
        one = wish.access.cells_filter
        if one is None:
            continue
        if wish.is_live(now):
            wanted.setdefault(one, set()).add(wish.intent)
        elif wish.was_applied:
            former.setdefault(one.key, set()).add(wish.intent)
    in_use = {(p.database, p.table, p.cells_filter) for p in held if p.cells_filter}
    return [*_removals(wanted, former, seen, in_use), *_makings(wanted, seen, in_use)]


def _removals(
    wanted: Mapping[CellsFilter, set[int]],
    former: Mapping[FilterKey, set[int]],
    seen: Mapping[FilterKey, CellsFilter],
    in_use: set[FilterKey],
) -> Iterator[Step]:
    reasons = {**former, **{one.key: intents for one, intents in wanted.items()}}
    for key in sorted(reasons):
        if key in seen and key not in in_use and seen[key] not in wanted:
            yield _step("DeleteDataCellsFilter", "unfilter", seen[key], reasons[key])


def _makings(
    wanted: Mapping[CellsFilter, set[int]], seen: Mapping[FilterKey, CellsFilter], in_use: set[FilterKey]
) -> Iterator[Step]:
    for one in sorted(wanted, key=lambda one: one.key):
        found = seen.get(one.key)
        if found is None or (found != one and one.key not in in_use):
            yield _step("CreateDataCellsFilter", "filter", one, wanted[one])


def _step(operation: str, action: str, one: CellsFilter, intents: set[int]) -> Step:
    change = Change(action, one.place, one.resource, one, None, tuple(sorted(intents)))
    return Step(operation, one.place, (change,))
