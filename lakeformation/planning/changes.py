"""A plan as values: steps, each one AWS call, with its changes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lakeformation.observation.reading import Invitation
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.locations import Location
from lakeformation.values.permissions import OptIn, Permission, Place
from lakeformation.values.resource_links import LandingDatabase, Link

BATCH = 20
"""Entries in one BatchGrantPermissions or BatchRevokePermissions call (AWS API reference)."""


@dataclass(frozen=True)
class Change:
    """One line of a step, for the sake of `intents`. `action`: grant, revoke, filter, unfilter, opt in, opt out,
    land, unland, link, unlink, accept or register.
    """

    action: str
    place: Place
    resource: str
    atom: Permission | CellsFilter | OptIn | LandingDatabase | Link | Location | Invitation
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
    """One AWS call, made in `place` by that account's executor."""

    operation: str
    place: Place
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Drift:
    """A difference that nobody ordered. `kind`: missing, filter (deleted or changed), or surplus (foreign,
    reported only).
    """

    kind: str
    text: str
    intents: tuple[int, ...] = ()


@dataclass
class Plan:
    """`steps` in order; `waiting`, by intent, why something cannot be done yet; `spoilt`, of these, what is
    wrong with a data cells filter that they need; `surplus`, what is held by our principals on our tables
    beyond anything an intent justifies: reported, never touched. `held_back`: why its removals wait for a person.
    """

    steps: list[Step] = field(default_factory=list)
    waiting: dict[int, str] = field(default_factory=dict)
    spoilt: dict[int, str] = field(default_factory=dict)
    surplus: list[Drift] = field(default_factory=list)
    held_back: str = ""

    def wait(self, intents: Iterable[int], reason: str) -> None:
        """Let the intents wait; the first reason of each stands."""
        for intent in intents:
            self.waiting.setdefault(intent, reason)

    @property
    def touched(self) -> set[int]:
        """The intents that some change or some waiting concerns: none of them is proven."""
        return {i for step in self.steps for change in step.changes for i in change.intents} | set(
            self.waiting
        )
