"""Cells (columns × rows) of a table that a principal sees by other grants and permissions, from stored rows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from fulfilment.intents.queries import list_live_accesses_in_database
from fulfilment.observations.models import ObservedCellsFilter
from fulfilment.observations.storage import build_filters
from identity.accounts.models import ConnectedCatalog
from kernel.query_cache import QueryCache
from lakeformation.access.access import Access
from lakeformation.access.base import SingleTableAccess
from lakeformation.values.cells import Cells
from lakeformation.values.column_sets import NO_COLUMNS
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import ALL_TABLES, SELECT, HeldPermissions, Permission

UNREADABLE_FILTER = "a rule that could not be read"


@dataclass(frozen=True)
class CellOverlap:
    """`other_accesses`: what other live intents give the principal; `held`: what it held at the last reading."""

    access: SingleTableAccess
    other_accesses: list[Access]
    held: HeldPermissions
    filters: list[CellsFilter]

    @classmethod
    def load(
        cls, catalog: ConnectedCatalog, access: SingleTableAccess, held: HeldPermissions, readings: QueryCache
    ) -> Self:
        """A query for the tables of one database, and another where one of them may have filters."""
        may_have_filters = access.cells_filter or any(permission.cells_filter for permission in held)
        filters = _load_filters(catalog, access, readings) if may_have_filters else []
        wanted = list_live_accesses_in_database(
            access.database,
            principal_arn=access.principal_arn,
            owner=access.owner,
            region=access.owner_catalog.region,
            cache=readings,
        )
        targets = {access.target, (access.database, ALL_TABLES)}
        other_accesses = [one for one in wanted if one.target in targets and one != access]
        return cls(access, other_accesses, held, filters)

    def list_other_cells(self) -> tuple[Cells, ...]:
        """Cells that the principal sees without this access. What is both wanted and held counts once."""
        return (
            *self._iterate_granted_cells(),
            *self._iterate_selected_cells(),
            *self._iterate_filter_cells(),
        )

    def list_held_filters(self) -> frozenset[str]:
        """Names of the filters on the table that the principal holds, or is about to hold."""
        coming = {one.cells_filter.name for one in self.other_accesses if one.cells_filter}
        return frozenset(coming | {p.cells_filter for p in self._list_selects() if p.cells_filter})

    def list_approved_verbs(self) -> frozenset[str]:
        """Of what the other intents give the principal on the table."""
        return frozenset(
            permission.verb
            for one in self.other_accesses
            for permission, _columns in one.permissions
            if one.is_about(permission)
        )

    def _iterate_granted_cells(self) -> Iterator[Cells]:
        for one in self.other_accesses:
            if one.opens_data:
                yield replace(one.cells, source="approved earlier")

    def _list_selects(self) -> list[Permission]:
        mine = (
            p for p in self.held if p.principal == self.access.principal_arn and p.verb in {SELECT, "ALL"}
        )
        return [p for p in mine if p.table in {self.access.table, ALL_TABLES} and not p.grantable]

    def _iterate_selected_cells(self) -> Iterator[Cells]:
        """SELECT without a filter, beyond what our grants give."""
        for permission in self._list_selects():
            columns = NO_COLUMNS if permission.cells_filter else self.held[permission]
            for one in self.other_accesses:
                other, approved = one.table_permission
                if other == permission:
                    columns -= approved
            if columns:
                yield Cells(columns, "", "held outside the portal")

    def _iterate_filter_cells(self) -> Iterator[Cells]:
        known = {one.name: one for one in self.filters}
        ours = {one.cells_filter.name for one in self.other_accesses if one.cells_filter}
        own = self.access.cells_filter
        names = (
            {p.cells_filter for p in self._list_selects() if p.cells_filter}
            - ours
            - ({own.name} if own else set())
        )
        for name in sorted(names):
            why = f"filter {name}is held outside the portal"
            found = known.get(name)
            yield (
                Cells(found.columns, found.rows, why) if found else Cells(~NO_COLUMNS, UNREADABLE_FILTER, why)
            )


def _load_filters(
    catalog: ConnectedCatalog, access: SingleTableAccess, readings: QueryCache
) -> list[CellsFilter]:
    """Data cells filters on the table."""
    rows = ObservedCellsFilter.objects.filter(catalog=catalog, database=access.database)
    key = ("filters", catalog.pk, access.database)
    filters = readings.get_or_read(key, lambda: build_filters(catalog, rows))
    return [one for one in filters if one.table == access.table]
