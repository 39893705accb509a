"""Who holds what on a table, as last read from AWS: managed by intents, being removed, or held outside the portal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from django.db.models import Q

from fulfilment.ledger.lines import Line, Standing
from fulfilment.ledger.queries import lines_held
from fulfilment.observations.models import Observed, ObservedFilter
from fulfilment.observations.storage import filters_in
from identity.accounts.models import ConnectedCatalog
from lakeformation.values.column_sets import NONE, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import Permission

NO_TAGS: Mapping[str, Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Holder:
    """A permission on a table, `cells` its data cells filter where it is on one.

    `extra`: the columns of it that are held outside the portal: no live intent justifies them, and none is removing
    them. `ending`: the columns that are being removed. `intents`: those behind it, live or ending.
    """

    permission: Permission
    columns: ColumnSet
    extra: ColumnSet
    intents: tuple[int, ...]
    seen_at: datetime
    cells: CellsFilter | None = None
    ending: ColumnSet = NONE

    @property
    def is_managed(self) -> bool:
        """Whether intents justify, or are removing, all of it."""
        return not self.extra


def who_can(
    catalog: ConnectedCatalog,
    database: str,
    table: str,
    now: datetime,
    tags: Mapping[str, Mapping[str, str]] = NO_TAGS,
) -> list[Holder]:
    """Holders of permissions on the table, on all tables of its database, or by the LF-Tags in force, given by column.
    Three queries.
    """
    here = Q(database=database, table__in=[table, "*"])
    seen = Observed.objects.filter(here | Q(tagged__startswith="TABLE:"), catalog=catalog)
    lines: dict[Permission, list[Line]] = {}
    for line in lines_held(catalog, seen, now):
        lines.setdefault(line.permission, []).append(line)
    filters = ObservedFilter.objects.filter(catalog=catalog, database=database, table=table)
    known = {one.name: one for one in filters_in(catalog, filters)}
    found = [_holder(parts, known) for _, parts in sorted(lines.items(), key=_by_principal)]
    return [one for holder in found for one in _reaching(holder, tags)]


def _by_principal(item: tuple[Permission, list[Line]]) -> tuple[str, str]:
    permission, _lines = item
    return permission.principal, permission.verb


def _reaching(holder: Holder, tags: Mapping[str, Mapping[str, str]]) -> Iterator[Holder]:
    """One by LF-Tags covers the columns that have them; of a named expression that is not known, and told as all."""
    policy = holder.permission.policy
    if policy is None or policy.name:
        yield holder
    elif names := [column for column, carried in tags.items() if policy.expression.fits(carried)]:
        columns = ColumnSet.include(names)
        yield replace(holder, columns=columns, extra=holder.extra & columns, ending=holder.ending & columns)


def _holder(lines: Sequence[Line], filters: Mapping[str, CellsFilter]) -> Holder:
    """The lines of one permission as one holder."""
    permission, seen_at = lines[0].permission, lines[0].seen_at
    assert seen_at is not None, "it was observed"
    return Holder(
        permission,
        columns=_union(lines, *Standing),
        extra=_union(lines, Standing.UNMANAGED),
        intents=tuple(sorted({pk for line in lines for pk in line.intents})),
        seen_at=seen_at,
        cells=filters.get(permission.cells_filter),
        ending=_union(lines, Standing.ENDING),
    )


def _union(lines: Iterable[Line], *standings: Standing) -> ColumnSet:
    columns = NONE
    for line in lines:
        columns |= line.columns if line.standing in standings else NONE
    return columns
