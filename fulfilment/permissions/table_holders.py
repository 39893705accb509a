"""Holders of permissions on a table, as last read from AWS."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from django.db.models import Q

from fulfilment.observations.models import ObservedCellsFilter, ObservedPermission
from fulfilment.observations.storage import build_filters
from fulfilment.permissions.catalog_permissions import CatalogPermission, PermissionStatus
from fulfilment.permissions.queries import load_observed_permissions
from identity.accounts.models import ConnectedCatalog
from lakeformation.values.column_sets import NO_COLUMNS, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import Permission

NO_TAGS: Mapping[str, Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class TableHolder:
    """A permission on a table, with its data cells filter if it is on one.

    `unmanaged_columns` are held outside the portal: no live intent justifies them, and none is removing
    them. `ending_columns` are being removed. `intents` justify the permission or are ending it.
    """

    permission: Permission
    columns: ColumnSet
    unmanaged_columns: ColumnSet
    intents: tuple[int, ...]
    seen_at: datetime
    cells_filter: CellsFilter | None = None
    ending_columns: ColumnSet = NO_COLUMNS

    @property
    def is_managed(self) -> bool:
        """Whether intents justify, or are removing, all of its columns."""
        return not self.unmanaged_columns


def list_table_holders(
    catalog: ConnectedCatalog,
    database: str,
    table: str,
    now: datetime,
    tags: Mapping[str, Mapping[str, str]] = NO_TAGS,
) -> list[TableHolder]:
    """Holders of permissions on the table, on all tables of its database, or by the LF-Tags in force, given by column.
    Three queries.
    """
    here = Q(database=database, table__in=[table, "*"])
    seen = ObservedPermission.objects.filter(here | Q(tagged__startswith="TABLE:"), catalog=catalog)
    lines: dict[Permission, list[CatalogPermission]] = {}
    for line in load_observed_permissions(catalog, seen, now):
        lines.setdefault(line.permission, []).append(line)
    filters = ObservedCellsFilter.objects.filter(catalog=catalog, database=database, table=table)
    known = {one.name: one for one in build_filters(catalog, filters)}
    found = [_build_holder(parts, known) for _, parts in sorted(lines.items(), key=_principal_sort_key)]
    return [one for holder in found for one in _limit_to_tagged_columns(holder, tags)]


def _principal_sort_key(item: tuple[Permission, list[CatalogPermission]]) -> tuple[str, str]:
    permission, _lines = item
    return permission.principal, permission.verb


def _limit_to_tagged_columns(
    holder: TableHolder, tags: Mapping[str, Mapping[str, str]]
) -> Iterator[TableHolder]:
    """Limit a permission by LF-Tags to the columns that carry them. A named expression counts as all columns."""
    policy = holder.permission.policy
    if policy is None or policy.name:
        yield holder
    elif names := [column for column, carried in tags.items() if policy.expression.matches(carried)]:
        columns = ColumnSet.include(names)
        yield replace(
            holder,
            columns=columns,
            unmanaged_columns=holder.unmanaged_columns & columns,
            ending_columns=holder.ending_columns & columns,
        )


def _build_holder(lines: Sequence[CatalogPermission], filters: Mapping[str, CellsFilter]) -> TableHolder:
    """The lines of one permission as one holder."""
    permission, seen_at = lines[0].permission, lines[0].seen_at
    assert seen_at is not None, "it was observed"
    return TableHolder(
        permission,
        columns=_unite_columns(lines, *PermissionStatus),
        unmanaged_columns=_unite_columns(lines, PermissionStatus.UNMANAGED),
        intents=tuple(sorted({pk for line in lines for pk in line.intents})),
        seen_at=seen_at,
        cells_filter=filters.get(permission.cells_filter),
        ending_columns=_unite_columns(lines, PermissionStatus.ENDING),
    )


def _unite_columns(lines: Iterable[CatalogPermission], *standings: PermissionStatus) -> ColumnSet:
    columns = NO_COLUMNS
    for line in lines:
        columns |= line.columns if line.status in standings else NO_COLUMNS
    return columns
