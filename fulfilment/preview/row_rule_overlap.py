"""What a principal sees of one table by other grants and permissions: columns × rows, from rows alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from fulfilment.intents.queries import agreed_in
from fulfilment.observations.models import ObservedFilter
from fulfilment.observations.storage import filters_in
from fulfilment.query_cache import Readings
from identity.accounts.models import ConnectedCatalog
from lakeformation.access.access import Access
from lakeformation.effects.widening import Cells
from lakeformation.values.column_sets import NONE
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import ALL_TABLES, SELECT, Held, Permission

NOT_READ = "a rule that could not be read"


@dataclass(frozen=True)
class RuledCells:
    """`wanted`: what other live intents give the principal; `held`: what it was last seen to hold."""

    access: Access
    wanted: list[Access]
    held: Held
    seen: list[CellsFilter]

    @classmethod
    def read(cls, catalog: ConnectedCatalog, access: Access, held: Held, readings: Readings) -> Self:
        """Two queries for the tables of one database."""
        rows = ObservedFilter.objects.filter(catalog=catalog, database=access.database)
        filters = readings.once(("filters", catalog.pk, access.database), lambda: filters_in(catalog, rows))
        mine = [one for one in filters if one.table == access.table]
        return cls(access, _wanted(access, readings), held, mine)

    def others(self) -> tuple[Cells, ...]:
        """Cells seen by something else than this access. What is wanted and held counts once, as wanted."""
        return (*self._granted(), *self._selected(), *self._filtered())

    def filters_held(self) -> frozenset[str]:
        """Names of the filters on the table that the principal holds, or is about to hold."""
        coming = {one.cells_filter.name for one in self.wanted if one.cells_filter}
        return frozenset(coming | {p.cells_filter for p in self._selects() if p.cells_filter})

    def _granted(self) -> Iterator[Cells]:
        for one in self.wanted:
            if not one.metadata_only:
                yield Cells(one.columns, one.row_rule, "approved earlier")

    def _selects(self) -> list[Permission]:
        mine = (
            p for p in self.held if p.principal == self.access.principal_arn and p.verb in {SELECT, "ALL"}
        )
        return [p for p in mine if p.table in {self.access.table, ALL_TABLES} and not p.grantable]

    def _selected(self) -> Iterator[Cells]:
        """Plain SELECT beyond what grants of ours give."""
        for permission in self._selects():
            columns = NONE if permission.cells_filter else self.held[permission]
            for one in self.wanted:
                if one.on_table[0] == permission:
                    columns -= one.columns
            if columns:
                yield Cells(columns, "", "held outside the portal")

    def _filtered(self) -> Iterator[Cells]:
        known = {one.name: one for one in self.seen}
        ours = {one.cells_filter.name for one in self.wanted if one.cells_filter}
        own = self.access.cells_filter
        names = (
            {p.cells_filter for p in self._selects() if p.cells_filter}
            - ours
            - ({own.name} if own else set())
        )
        for name in sorted(names):
            why = f"filter {name}is held outside the portal"
            found = known.get(name)
            yield Cells(found.columns, found.rows, why) if found else Cells(~NONE, NOT_READ, why)


def _wanted(access: Access, readings: Readings) -> list[Access]:
    """Other live intents for the principal on the table."""
    wanted = agreed_in(
        access.database, principal_arn=access.principal_arn, owner=access.owner, region=access.region,
        readings=readings,
    )  # fmt: skip
    here = (one for one in wanted if one.database == access.database and one != access)
    return [one for one in here if one.table in {access.table, ALL_TABLES}]
