"""Converts stored observations to values, and stores new ones."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
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
from fulfilment.rounds import Scope
from identity.accounts import ConnectedCatalog, Principal
from lakeformation.access.access import Access
from lakeformation.access.base import Parties
from lakeformation.drift import NamedExpression
from lakeformation.observation.reading import UnknownRow
from lakeformation.values.canonical_json import digest
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import DataCatalog, HeldPermissions, OptIn, Permission, sort_permissions
from lakeformation.values.row_policies import UNREAD_ROW_POLICIES, RowPolicies
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


def _permission_key(permission: Permission) -> tuple[str | bool, ...]:
    return (
        permission.principal,
        permission.database,
        permission.table,
        permission.verb,
        permission.grantable,
        permission.cells_filter,
        permission.tagged,
    )


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
        (opt_in.principal, opt_in.database, opt_in.table): {} for opt_in in found
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


@dataclass(frozen=True)
class CatalogFacts:
    """The facts of a catalog: data lake administrators, opt-ins of databases and of all tables, the cross-account
    version, and whether new tables are open to IAM. Settings that were not read are None. `permission_count`
    permissions were read, of which `unmanaged_count` are unmanaged. `named_expressions`: by name, LF-Tag
    expressions stored in AWS by which permissions are held. `first_admins` are the administrators at the first
    reading that had any; `conditional_opt_ins`, of tables too, count for some sessions alone. `unknown_rows`
    cannot be judged. `row_policies` decide on rows besides.
    """

    admins: frozenset[str] | None = None
    wide_opt_ins: frozenset[OptIn] = frozenset()
    cross_account_version: int | None = None
    opens_new_tables_to_iam: bool | None = None
    permission_count: int = 0
    unmanaged_count: int = 0
    named_expressions: Mapping[str, NamedExpression] = field(default_factory=dict)
    first_admins: frozenset[str] | None = None
    conditional_opt_ins: frozenset[OptIn] = frozenset()
    unknown_rows: frozenset[UnknownRow] = frozenset()
    row_policies: RowPolicies = UNREAD_ROW_POLICIES

    def to_json(self) -> dict[str, Any]:
        return {
            "admins": None if self.admins is None else sorted(self.admins),
            "first_admins": None if self.first_admins is None else sorted(self.first_admins),
            "opt_ins": [opt_in.to_json() for opt_in in sorted(self.wide_opt_ins)],
            "conditional_opt_ins": [opt_in.to_json() for opt_in in sorted(self.conditional_opt_ins)],
            "version": self.cross_account_version,
            "opens_new_tables": self.opens_new_tables_to_iam,
            "permissions": self.permission_count,
            "unmanaged": self.unmanaged_count,
            "expressions": {name: one.to_json() for name, one in sorted(self.named_expressions.items())},
            "unknown": [row.to_json() for row in sorted(self.unknown_rows)],
            "row_policies": self.row_policies.to_json(),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "CatalogFacts":
        admins, first = value["admins"], value.get("first_admins")
        opt_ins = frozenset(OptIn.from_json(opt_in) for opt_in in value["opt_ins"])
        admins = None if admins is None else frozenset(admins)
        counted = value.get("permissions", 0), value.get("unmanaged", 0)
        named = value.get("expressions", {})
        expressions = {name: NamedExpression.from_json(one) for name, one in named.items()}
        return cls(
            admins,
            opt_ins,
            value.get("version"),
            value.get("opens_new_tables"),
            *counted,
            expressions,
            None if first is None else frozenset(first),
            frozenset(OptIn.from_json(opt_in) for opt_in in value.get("conditional_opt_ins", ())),
            frozenset(UnknownRow.from_json(one) for one in value.get("unknown", ())),
            RowPolicies.from_json(value.get("row_policies")),
        )


@dataclass(frozen=True)
class ShareFacts:
    """The facts of a consuming account: the databases and tables of Glue, by ARN and wildcards too, that it sees in
    active RAM shares of the catalog; what it passed on of the catalog itself, None where that was not read; and
    `unknown_rows` of the account and of the shares, which cannot be judged.
    """

    received_resources: frozenset[str]
    passed_on_permissions: HeldPermissions | None = None
    unknown_rows: frozenset[UnknownRow] = frozenset()

    def to_json(self) -> dict[str, Any]:
        value: dict[str, Any] = {
            "resources": sorted(self.received_resources),
            "unknown": [row.to_json() for row in sorted(self.unknown_rows)],
        }
        if self.passed_on_permissions is not None:
            value["passed_on"] = [
                {**permission.to_json(), "columns": self.passed_on_permissions[permission].to_json()}
                for permission in sort_permissions(self.passed_on_permissions)
            ]
        return value

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "ShareFacts":
        passed_on = value.get("passed_on")
        if passed_on is not None:
            passed_on = {Permission.from_json(one): ColumnSet.from_json(one["columns"]) for one in passed_on}
        unknown = frozenset(UnknownRow.from_json(one) for one in value.get("unknown", ()))
        return cls(frozenset(value.get("resources", ())), passed_on, unknown)

    def carries(self, access: Access) -> bool:
        """Whether all that the access needs in a share is received."""
        return all(resource.is_in(self.received_resources) for resource in access.shared_resources)


def load_row_policies(catalog: ConnectedCatalog) -> RowPolicies:
    """One query."""
    rows = ScopeReading.objects.filter(scope__catalog=catalog, scope__kind=Scope.Kind.CATALOG)
    return RowPolicies.from_json(rows.values_list("facts__row_policies", flat=True).first())
