"""A plan as values: steps, each one AWS call, with its changes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lakeformation.observation.reading import Invitation
from lakeformation.values.arn import Location
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import DataCatalog, OptIn, Permission
from lakeformation.values.registered_tables import RegisteredDatabase, RegisteredTable
from lakeformation.values.resource_links import Link, LinkDatabase

MAX_BATCH_ENTRIES = 20
"""Entries in one BatchGrantPermissions or BatchRevokePermissions call (AWS API reference)."""


@dataclass(frozen=True)
class TagWrite:
    """A value of an LF-Tag key on a database, a table or columns of it; without a database, values that the key gets."""

    catalog: DataCatalog
    database: str
    table: str
    columns: tuple[str, ...]
    key: str
    values: tuple[str, ...]

    @property
    def resource(self) -> str:
        """The name under which AWS serializes writes of tags to it."""
        return f"lf-tags/{self.database}/{self.table}" if self.table else f"lf-tags/{self.database}"

    def to_json(self) -> dict[str, Any]:
        place = {"database": self.database, "table": self.table, "columns": list(self.columns)}
        return {"lf_tag": {**place, "key": self.key, "values": list(self.values)}}


Atom = (
    Permission
    | CellsFilter
    | OptIn
    | LinkDatabase
    | Link
    | Location
    | Invitation
    | RegisteredDatabase
    | RegisteredTable
    | TagWrite
)
"""What a change makes, gives or takes away."""


LINK_NAME_TAKEN = "the link name"
"""The first words of the reason why a link, or the database of links, cannot be created: its name is somebody else's."""


@dataclass(frozen=True)
class PlannedChange:
    """One line of a step, for the sake of `intents`. `action`: grant, revoke, filter, unfilter, opt in, opt out,
    land, unland, link, unlink, accept, register, make database, make table, update table, tag, untag, define tag or
    undefine tag.
    """

    action: str
    catalog: DataCatalog
    resource: str
    atom: Atom
    columns: ColumnSet | None
    intents: tuple[int, ...]

    def atom_json(self) -> dict[str, Any]:
        """The atom as stored in the step's entry, columns included."""
        if isinstance(self.atom, Invitation):
            return {"invitation": self.atom.arn, "share": self.atom.share_arn, "sender": self.atom.sender}
        if isinstance(self.atom, CellsFilter):
            return {"cells": self.atom.to_json()}
        columns = {"columns": self.columns.to_json()} if self.columns is not None else {}
        return {**self.atom.to_json(), **columns}


@dataclass(frozen=True)
class Step:
    """One AWS call, made in `catalog` by that account's executor."""

    operation: str
    catalog: DataCatalog
    changes: tuple[PlannedChange, ...]


@dataclass(frozen=True)
class DriftReport:
    """A difference from the desired state. `kind`: missing, filter (deleted or changed), or surplus (foreign,
    reported only).
    """

    kind: str
    text: str
    intents: tuple[int, ...] = ()


@dataclass
class Plan:
    """`steps` in order; `waiting_reasons`, by intent, why something cannot be done yet; `filter_problems`, of these, what is
    wrong with a data cells filter that they need; `surplus`, what is held by our principals on our tables
    beyond anything an intent justifies: reported, never touched. `hold_reason`: why its removals wait for a person.
    """

    steps: list[Step] = field(default_factory=list)
    waiting_reasons: dict[int, str] = field(default_factory=dict)
    filter_problems: dict[int, str] = field(default_factory=dict)
    surplus: list[DriftReport] = field(default_factory=list)
    hold_reason: str = ""

    def add_waiting(self, intents: Iterable[int], reason: str) -> None:
        """Mark the intents as waiting; the first reason of each is kept."""
        for intent in intents:
            self.waiting_reasons.setdefault(intent, reason)

    @property
    def affected_intents(self) -> set[int]:
        """Intents with a change or a wait in this plan; none of them is proven."""
        return {i for step in self.steps for change in step.changes for i in change.intents} | set(
            self.waiting_reasons
        )
