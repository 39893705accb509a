"""Who holds what on a table, as last read from AWS: managed by intents, or on nobody's word here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from django.db.models import Q

from fulfilment.models import Intent, Observed, ObservedFilter
from fulfilment.observed import filters_in, held_in
from identity.models import ConnectedCatalog
from lakeformation.atoms import CellsFilter, Permission
from lakeformation.columns import NONE, ColumnSet

NO_TAGS: Mapping[str, Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Holder:
    """A permission on a table, `cells` its data cells filter where it is on one.

    `extra`: the columns of it that no live intent justifies.
    """

    permission: Permission
    columns: ColumnSet
    extra: ColumnSet
    intents: tuple[int, ...]
    seen_at: datetime
    cells: CellsFilter | None = None

    @property
    def is_managed(self) -> bool:
        """Whether live intents justify all of it."""
        return not self.extra


def who_can(
    catalog: ConnectedCatalog, database: str, table: str, tags: Mapping[str, Mapping[str, str]] = NO_TAGS
) -> list[Holder]:
    """Holders of permissions on the table, on all tables of its database, or by the LF-Tags in force, given by column.
    Three queries.
    """
    here = Q(database=database, table__in=[table, "*"])
    seen = Observed.objects.filter(here | Q(tagged__startswith="TABLE:"), catalog=catalog)
    rows = list(seen.order_by("principal_arn", "verb"))
    by_tags = {row.principal_arn for row in rows if row.tagged}
    intents = Intent.objects.filter(
        Q(wanted__database=database, wanted__table__in=[table, "*"]) | Q(wanted__principal_arn__in=by_tags),
        ended_at__isnull=True,
        wanted__owner=catalog.account.account_id,
        wanted__region=catalog.region,
    )
    wanted = [(intent.pk, dict(intent.access.permissions)) for intent in intents]
    filters = ObservedFilter.objects.filter(catalog=catalog, database=database, table=table)
    known = {one.name: one for one in filters_in(catalog, filters)}
    found = [_holder(catalog, row, wanted, known) for row in rows]
    return [one for holder in found for one in _reaching(holder, tags)]


def _reaching(holder: Holder, tags: Mapping[str, Mapping[str, str]]) -> Iterator[Holder]:
    """One by LF-Tags covers the columns that have them; of a named expression that is not known, and told as all."""
    policy = holder.permission.policy
    if policy is None or policy.name:
        yield holder
    elif names := [column for column, carried in tags.items() if policy.expression.fits(carried)]:
        columns = ColumnSet.include(names)
        yield replace(holder, columns=columns, extra=holder.extra & columns)


def _holder(
    catalog: ConnectedCatalog,
    row: Observed,
    wanted: Iterable[tuple[int, dict[Permission, ColumnSet]]],
    filters: Mapping[str, CellsFilter],
) -> Holder:
    ((permission, columns),) = held_in(catalog, [row]).items()
    reasons = {pk: parts[permission] for pk, parts in wanted if permission in parts}
    justified = NONE
    for part in reasons.values():
        justified |= part
    cells = filters.get(permission.cells_filter)
    return Holder(permission, columns, columns - justified, tuple(sorted(reasons)), row.seen_at, cells)
