"""Access to one table by its name."""

from dataclasses import dataclass

from lakeformation.access.base import BaseAccess


@dataclass(frozen=True, kw_only=True)
class SingleTableAccess(BaseAccess):
    """What it reaches is one table and its database."""

    reaches_many_tables = False

    database: str
    table: str

    @property
    def target(self) -> tuple[str, str]:
        return self.database, self.table

    @property
    def tables(self) -> frozenset[tuple[str, str]]:
        return frozenset({self.target})

    @property
    def reachable_tables(self) -> frozenset[tuple[str, str]]:
        return self.tables

    @property
    def databases(self) -> frozenset[str]:
        return frozenset({self.database})
