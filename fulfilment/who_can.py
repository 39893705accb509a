"""Who holds what on a table, as last read from AWS: managed by intents, or on nobody's word here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fulfilment.models import Intent, Observed, ObservedFilter
from fulfilment.observed import filters_in, held_in
from identity.models import ConnectedCatalog
from lakeformation.atoms import CellsFilter, Permission
from lakeformation.columns import NONE, ColumnSet
from lakeformation.wanted import Access


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


def who_can(catalog: ConnectedCatalog, database: str, table: str) -> list[Holder]:
    """Holders of permissions on the table or on all tables of its database. Three queries."""
    rows = Observed.objects.filter(catalog=catalog, database=database, table__in=[table, "*"])
    intents = Intent.objects.filter(
        ended_at__isnull=True,
        wanted__owner=catalog.account.account_id,
        wanted__region=catalog.region,
        wanted__database=database,
        wanted__table__in=[table, "*"],
    )
    wanted = [(intent.pk, dict(Access.from_json(intent.wanted).permissions())) for intent in intents]
    filters = ObservedFilter.objects.filter(catalog=catalog, database=database, table=table)
    known = {one.name: one for one in filters_in(catalog, filters)}
    return [_holder(catalog, row, wanted, known) for row in rows.order_by("principal_arn", "verb")]


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
