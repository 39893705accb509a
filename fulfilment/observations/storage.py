"""Converts stored observations to values, and stores new ones."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from fulfilment.observations.models import (
    ObservedCellsFilter,
    ObservedOptIn,
    ObservedPermission,
    ScopeReading,
)
from fulfilment.rounds.models import Scope
from identity.accounts.models import ConnectedCatalog, Principal
from lakeformation.access.parties import Parties
from lakeformation.values.canonical_json import digest
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import DataCatalog, HeldPermissions, OptIn, Permission
from lakeformation.values.row_policies import RowPolicies
from lakeformation.values.tag_expressions import TagPolicy

Row = TypeVar("Row", bound=Model)


def get_data_catalog(catalog: ConnectedCatalog) -> DataCatalog:
    """The account and region of the catalog."""
    return DataCatalog(catalog.account.account_id, catalog.region)


def build_parties(principal: Principal, catalog: ConnectedCatalog) -> Parties:
    """The principal with its account's catalog, and the catalog that gives it access."""
    account = principal.account
    return Parties(
        principal_arn=principal.arn,
        principal_id=principal.unique_id,
        consumer_catalog=DataCatalog(account.account_id, account.region),
        owner_catalog=get_data_catalog(catalog),
        catalog_short_name=catalog.short_name,
        location_role=catalog.location_role_arn,
    )


def build_held(catalog: ConnectedCatalog, rows: Iterable[ObservedPermission]) -> HeldPermissions:
    """The rows' permissions with their columns."""
    return {build_permission(catalog, row): ColumnSet.from_json(row.columns) for row in rows}


def build_permission(catalog: ConnectedCatalog, row: ObservedPermission) -> Permission:
    """The permission of a row."""
    return Permission(
        get_data_catalog(catalog),
        row.principal_arn,
        row.database,
        row.table,
        row.verb,
        row.grantable,
        row.cells_filter,
        policy=TagPolicy.from_json(row.policy) if row.policy else None,
        condition=row.condition,
    )


class StoredPermission(NamedTuple):
    """A row's id and time with its permission and columns."""

    pk: int
    seen_at: datetime
    permission: Permission
    columns: ColumnSet


def iterate_permissions(
    catalog: ConnectedCatalog, rows: QuerySet[ObservedPermission]
) -> Iterator[StoredPermission]:
    """Stored permissions, for thousands of rows: no model instances, and equal JSON is parsed once."""
    place = get_data_catalog(catalog)
    names = ("principal_arn", "database", "table", "verb", "grantable", "cells_filter", "condition")
    found = rows.values_list(
        "pk", "seen_at", Cast("columns", TextField()), Cast("policy", TextField()), *names
    )
    for pk, seen_at, columns, policy, who, database, table, verb, grantable, cells_filter, condition in found:
        held = Permission(
            place,
            who,
            database,
            table,
            verb,
            grantable,
            cells_filter,
            policy=parse_tag_policy(policy),
            condition=condition,
        )
        yield StoredPermission(pk, seen_at, held, parse_columns(columns))


@lru_cache(maxsize=4096)
def parse_columns(text: str) -> ColumnSet:
    return ColumnSet.from_json(json.loads(text))


@lru_cache(maxsize=4096)
def parse_tag_policy(text: str) -> TagPolicy | None:
    value = json.loads(text)
    return TagPolicy.from_json(value) if value else None


def build_filters(catalog: ConnectedCatalog, rows: Iterable[ObservedCellsFilter]) -> list[CellsFilter]:
    """The rows' data cells filters."""
    place = get_data_catalog(catalog)
    return [
        CellsFilter(place, row.database, row.table, row.name, row.rows, ColumnSet.from_json(row.columns))
        for row in rows
    ]


def store_permissions(
    catalog: ConnectedCatalog,
    databases: Iterable[str],
    held: HeldPermissions,
    *,
    now: datetime,
    unread_tables: Collection[tuple[str, str]] = (),
) -> None:
    """Replace the stored permissions of these databases by a complete reading. Permissions on the filters of
    `unread_tables` (database, name) are kept.
    """
    rows = ObservedPermission.objects.filter(catalog=catalog, database__in=list(databases))
    for database, tables in groupby(sorted(unread_tables), key=itemgetter(0)):
        rows = rows.exclude(~Q(cells_filter=""), database=database, table__in=[name for _, name in tables])
    names = (
        "principal_arn", "database", "table", "verb", "grantable", "cells_filter", "tagged", "condition_key",
    )  # fmt: skip
    wanted = {
        (*_permission_key(p), digest(p.condition) if p.condition else ""): {
            "columns": c.to_json(),
            "policy": p.policy.to_json() if p.policy else {},
            "condition": p.condition,
        }
        for p, c in held.items()
    }
    _replace_rows(catalog, rows, names, wanted, now)


def _permission_key(one: Permission) -> tuple[str | bool, ...]:
    return one.principal, one.database, one.table, one.verb, one.grantable, one.cells_filter, one.tagged


def store_filters(
    catalog: ConnectedCatalog, databases: Iterable[str], found: Mapping[CellsFilter, str], *, now: datetime
) -> None:
    """Replace the stored data cells filters; `found` maps each to AWS's version of it."""
    rows = ObservedCellsFilter.objects.filter(catalog=catalog, database__in=list(databases))
    wanted = {
        one.key: {"rows": one.rows, "columns": one.columns.to_json(), "version": version}
        for one, version in found.items()
    }
    _replace_rows(catalog, rows, ("database", "table", "name"), wanted, now)


def store_opt_ins(
    catalog: ConnectedCatalog, databases: Iterable[str], found: Iterable[OptIn], *, now: datetime
) -> None:
    """Replace the stored opt-ins."""
    rows = ObservedOptIn.objects.filter(catalog=catalog, database__in=list(databases))
    wanted: dict[tuple[Any, ...], dict[str, Any]] = {
        (one.principal, one.database, one.table): {} for one in found
    }
    _replace_rows(catalog, rows, ("principal_arn", "database", "table"), wanted, now)


def _replace_rows(
    catalog: ConnectedCatalog,
    rows: QuerySet[Row],
    names: tuple[str, ...],
    wanted: Mapping[tuple[Any, ...], Mapping[str, Any]],
    now: datetime,
) -> None:
    """Delete rows that are missing from `wanted` or differ, and insert new ones. `names` are the key columns."""
    first = next(iter(wanted.values()), {})
    values = {name: not isinstance(value, str) for name, value in first.items()}
    # By the key that `names` make, the id and the values of each stored row; `values` says which are JSON.
    # JSON comes as text and is parsed once for all rows that say the same: of thousands most do.
    asked = [Cast(name, TextField()) if is_json else name for name, is_json in values.items()]
    reads = [_parse_json if is_json else str for is_json in values.values()]
    end = len(names) + 1
    known = {
        row[1:end]: (row[0], tuple(read(one) for read, one in zip(reads, row[end:], strict=True)))
        for row in rows.values_list("pk", *names, *asked)
    }
    kept = {
        key
        for key, (_pk, stored) in known.items()
        if key in wanted and stored == tuple(wanted[key][name] for name in values)
    }
    if gone := [pk for key, (pk, _stored) in known.items() if key not in kept]:
        rows.filter(pk__in=gone).delete()
    rows.bulk_create(
        [
            rows.model(catalog=catalog, **dict(zip(names, key, strict=True)), **wanted[key], seen_at=now)
            for key in wanted
            if key not in kept
        ],
        ignore_conflicts=True,
    )


@lru_cache(maxsize=4096)
def _parse_json(text: str) -> Any:
    return json.loads(text)


def load_row_policies(catalog: ConnectedCatalog) -> RowPolicies:
    """One query."""
    rows = ScopeReading.objects.filter(scope__catalog=catalog, scope__kind=Scope.Kind.CATALOG)
    return RowPolicies.from_json(rows.values_list("facts__row_policies", flat=True).first())
