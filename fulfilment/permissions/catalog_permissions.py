"""Permissions of a catalog as last read, by status. See `fulfilment.permissions.queries`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from fulfilment.observations.storage import StoredPermission
from lakeformation.values.canonical_json import digest
from lakeformation.values.column_sets import NO_COLUMNS, ColumnSet
from lakeformation.values.permissions import Permission


class PermissionStatus(StrEnum):
    """Status of a permission. `ENDING`: held by an ended intent, or its removal is ordered."""

    MISSING = "missing"
    UNMANAGED = "unmanaged"
    ENDING = "ending"
    MANAGED = "managed"


class PermissionKey(NamedTuple):
    """Identifies a permission within a catalog; the fields are in sort order. `condition_key` is a digest."""

    database: str
    table: str
    principal_arn: str
    verb: str
    cells_filter: str
    grantable: bool
    tagged: str
    condition_key: str = ""

    @classmethod
    def from_permission(cls, permission: Permission) -> "PermissionKey":
        condition = digest(permission.condition) if permission.condition else ""
        held_on = (
            permission.database,
            permission.table,
            permission.principal,
            permission.verb,
            permission.cells_filter,
        )
        return cls(*held_on, permission.grantable, permission.tagged, condition)


@dataclass(frozen=True)
class CatalogPermission:
    """A permission, or those of its columns that have one status. `observed_id` is None for a missing one."""

    status: PermissionStatus
    permission: Permission
    columns: ColumnSet
    intents: tuple[int, ...] = ()
    observed_id: int | None = None
    seen_at: datetime | None = None

    @property
    def key(self) -> str:
        """Digest of the permission and its columns. Forms send it, so that a person acts on what the page showed."""
        return digest({**self.permission.to_json(), "columns": self.columns.to_json()})


@dataclass
class PermissionJustification:
    """For one permission, the columns that each intent justifies: live ones, and those that ended and may still hold
    it, or that order its removal. `is_implied`: a DESCRIBE that AWS adds to the holder's SELECT.
    """

    permission: Permission
    is_implied: bool
    live: dict[int, ColumnSet] = field(default_factory=dict)
    ending: dict[int, ColumnSet] = field(default_factory=dict)


def build_catalog_permissions(
    row: StoredPermission | None, justification: PermissionJustification | None
) -> Iterator[CatalogPermission]:
    """One permission by status. `row` is None if not observed, `justification` None if not justified."""
    if justification and (lacking := _build_missing(row, justification)):
        yield lacking
    if row:
        left = row.columns
        parts = (
            ((PermissionStatus.MANAGED, justification.live), (PermissionStatus.ENDING, justification.ending))
            if justification
            else ()
        )
        for standing, by_intent in parts:
            if share := left & _unite_columns(by_intent):
                yield CatalogPermission(
                    standing,
                    row.permission,
                    share,
                    _find_justifying_intents(by_intent, share),
                    row.pk,
                    row.seen_at,
                )
                left -= share
        if left:
            yield CatalogPermission(PermissionStatus.UNMANAGED, row.permission, left, (), row.pk, row.seen_at)


def _build_missing(
    row: StoredPermission | None, reasons: PermissionJustification
) -> CatalogPermission | None:
    lacking = _unite_columns(reasons.live) - (row.columns if row else NO_COLUMNS)
    if reasons.is_implied or not lacking:
        return None
    return CatalogPermission(
        PermissionStatus.MISSING, reasons.permission, lacking, _find_justifying_intents(reasons.live, lacking)
    )


def _find_justifying_intents(parts: Mapping[int, ColumnSet], columns: ColumnSet) -> tuple[int, ...]:
    return tuple(sorted(pk for pk, part in parts.items() if part & columns))


def _unite_columns(parts: Mapping[int, ColumnSet]) -> ColumnSet:
    union = NO_COLUMNS
    for part in parts.values():
        union |= part
    return union
