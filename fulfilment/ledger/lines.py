"""Every permission of a catalog as last read: managed, ending, unmanaged, or expected and missing. See `fulfilment.ledger.queries`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from fulfilment.observations.storage import Seen
from lakeformation.values.canonical_json import digest
from lakeformation.values.column_sets import NONE, ColumnSet
from lakeformation.values.permissions import Permission


class Standing(StrEnum):
    """How a permission stands to our intents. `ENDING`: an intent that ended still holds it, or its removal is ordered."""

    MISSING = "missing"
    UNMANAGED = "unmanaged"
    ENDING = "ending"
    MANAGED = "managed"


class Key(NamedTuple):
    """What tells the permissions of one catalog apart, in the order of its ledger; `condition_key` is a digest."""

    database: str
    table: str
    principal_arn: str
    verb: str
    cells_filter: str
    grantable: bool
    tagged: str
    condition_key: str = ""

    @classmethod
    def of(cls, one: Permission) -> "Key":
        condition = digest(one.condition) if one.condition else ""
        held_on = one.database, one.table, one.principal, one.verb, one.cells_filter
        return cls(*held_on, one.grantable, one.tagged, condition)


@dataclass(frozen=True)
class Line:
    """One permission, or the columns of it that stand alike. `observed` is its row; none for a missing one."""

    standing: Standing
    permission: Permission
    columns: ColumnSet
    intents: tuple[int, ...] = ()
    observed: int | None = None
    seen_at: datetime | None = None

    @property
    def key(self) -> str:
        """Digest of exactly this permission with these columns: what a person saw is what is acted on."""
        return digest({**self.permission.to_json(), "columns": self.columns.to_json()})


@dataclass
class Reasons:
    """For one permission, the columns that each intent justifies: live ones, and those that ended and may still hold
    it, or that order its removal. `implied`: a DESCRIBE that comes with a SELECT which its holder has there.
    """

    permission: Permission
    implied: bool
    live: dict[int, ColumnSet] = field(default_factory=dict)
    ending: dict[int, ColumnSet] = field(default_factory=dict)


def lines_of(row: Seen | None, reasons: Reasons | None) -> Iterator[Line]:
    """The lines of one permission, as observed and as wanted; None where it is not."""
    if reasons and (lacking := _missing(row, reasons)):
        yield lacking
    if row:
        yield from _held(row, reasons)


def _missing(row: Seen | None, reasons: Reasons) -> Line | None:
    lacking = _union(reasons.live) - (row.columns if row else NONE)
    if reasons.implied or not lacking:
        return None
    return Line(Standing.MISSING, reasons.permission, lacking, _behind(reasons.live, lacking))


def _held(row: Seen, reasons: Reasons | None) -> Iterator[Line]:
    """The columns that live intents justify, those of ending ones, and those of nobody."""
    left = row.columns
    parts = ((Standing.MANAGED, reasons.live), (Standing.ENDING, reasons.ending)) if reasons else ()
    for standing, by_intent in parts:
        if share := left & _union(by_intent):
            yield Line(standing, row.permission, share, _behind(by_intent, share), row.pk, row.seen_at)
            left -= share
    if left:
        yield Line(Standing.UNMANAGED, row.permission, left, (), row.pk, row.seen_at)


def _behind(parts: Mapping[int, ColumnSet], columns: ColumnSet) -> tuple[int, ...]:
    return tuple(sorted(pk for pk, part in parts.items() if part & columns))


def _union(parts: Mapping[int, ColumnSet]) -> ColumnSet:
    union = NONE
    for part in parts.values():
        union |= part
    return union
