"""From the rows of ListPermissions and ListDataCellsFilter to atoms.

AWS lists SELECT on a table apart, as `TableWithColumns` with a wildcard; the other verbs stand in a
`Table` row; a grant on all tables carries the name `ALL_TABLES`; one by LF-Tags is an `LFTagPolicy`. Many rows may speak of one atom:
their columns are united. `ALL` stands beside what it contains and is kept as it is. What is known is in `known_answers`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lakeformation.observation.known_answers import SIDE_KINDS, TABLE_VERBS
from lakeformation.observation.unknown_rows import UnknownRow
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import ALL_TABLES, DataCatalog, HeldPermissions, Permission
from lakeformation.values.row_filter_parser import canonicalize_row_filter
from lakeformation.values.row_policies import RowPolicyAttachment
from lakeformation.values.tag_expressions import TagExpression, TagPolicy

NAME_MEMBERS = ("Id", "DatabaseName", "TableName", "Name", "TagKey", "ResourceArn", "ResourceType")
"""Members by which a resource is named to people."""


@dataclass(frozen=True)
class ParsedPermissions:
    """Atoms with their columns, and the rows that cannot be judged. A verb that is not known is in both: it is held by
    somebody, and what it opens is not known.
    """

    held: HeldPermissions
    unknown: frozenset[UnknownRow]


@dataclass(frozen=True)
class _Target:
    """What a row is on."""

    database: str
    table: str
    columns: ColumnSet = ALL_COLUMNS
    cells_filter: str = ""
    policy: TagPolicy | None = None


def parse_permissions(
    rows: Iterable[Mapping[str, Any]], place: DataCatalog, passed_on_by: str = ""
) -> ParsedPermissions:
    """Rows of `SIDE_KINDS`, which open no table, are left out, and those of nested catalogs, which hold other tables by the
    same names.

    With `passed_on_by`, the rows are as that account lists them of another's catalog: what it passed on itself, beside
    what the owner granted to it, which is the owner's to tell and left out.
    """
    held: HeldPermissions = {}
    unknown: set[UnknownRow] = set()
    for row in rows:
        principal = parse_principal(row)
        if passed_on_by and principal == passed_on_by:
            continue
        kind, body = _parse_kind(row)
        # Whether the resource lies in a catalog below the account's own, such as
        # `111111111111:s3tablescatalog/bucket`.
        if ":" in str(body.get("TableCatalogId") or body.get("CatalogId") or ""):
            continue
        verbs, options = _parse_verbs(row, "Permissions"), _parse_verbs(row, "PermissionsWithGrantOption")
        named = sorted({*verbs, *options})
        if kind in SIDE_KINDS and principal and named and SIDE_KINDS[kind].verbs.issuperset(named):
            continue
        condition = _parse_condition(row)
        target = None if condition is None or not principal else _parse_target(kind, body)
        strange = [verb for verb in named if target is None or verb not in TABLE_VERBS]
        if strange or target is None or not named:
            unknown.add(UnknownRow(place, principal, kind, tuple(strange), _name_resource(body)))
        if target is None or condition is None:
            continue
        for verb, grantable in [*((verb, False) for verb in verbs), *((verb, True) for verb in options)]:
            atom = Permission(
                place,
                principal,
                target.database,
                target.table,
                verb,
                grantable,
                target.cells_filter,
                passed_on_by,
                target.policy,
                condition,
            )
            held[atom] = held[atom] | target.columns if atom in held else target.columns
    return ParsedPermissions(held, frozenset(unknown))


def parse_principal(row: Mapping[str, Any]) -> str:
    """The principal of a row of Lake Formation; empty where it names none."""
    return str((row.get("Principal") or {}).get("DataLakePrincipalIdentifier") or "")


def _parse_condition(row: Mapping[str, Any]) -> str | None:
    """Empty for a row without one; None for one that is no expression."""
    condition = row.get("Condition") or {}
    return str(condition.get("Expression") or "") or None if condition else ""


def _parse_verbs(row: Mapping[str, Any], member: str) -> list[str]:
    return [str(verb) for verb in row.get(member) or ()]


def _parse_kind(row: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The one member of the resource, and its body. A resource of several members is of a kind that is not known."""
    resource = row.get("Resource") or {}
    if len(resource) != 1:
        return " and ".join(sorted(resource)), {}
    kind, body = next(iter(resource.items()))
    return kind, body if isinstance(body, Mapping) else {}


def _name_resource(body: Mapping[str, Any]) -> str:
    return ".".join(str(body[name]) for name in NAME_MEMBERS if body.get(name))


def parse_unknown_opt_in(row: Mapping[str, Any], place: DataCatalog) -> UnknownRow:
    """Of an opt-in on anything but a database or a table: it grants nothing, and what it makes Lake Formation decide is
    not known.
    """
    kind, body = _parse_kind(row)
    what = f"opt-in on {kind or 'a resource without a kind'}"
    return UnknownRow(place, parse_principal(row), what, (), _name_resource(body), gives_access=False)


def _parse_target(kind: str, body: Mapping[str, Any]) -> _Target | None:
    """None for what cannot be judged: another kind, or a body without what this kind needs."""
    match kind, body:
        case "Database", {"Name": str(name)}:
            return _Target(name, "")
        case "Table" | "TableWithColumns", {"DatabaseName": str(database)}:
            return _parse_table(kind, database, body)
        case "DataCellsFilter", {"DatabaseName": str(database), "TableName": str(table), "Name": str(name)}:
            return _Target(database, table, cells_filter=name)
        case "LFTagPolicy", {"ResourceType": "DATABASE" | "TABLE"}:
            policy = _parse_policy(body)
            return None if policy is None else _Target("", "", policy=policy)
        case _:
            return None


def _parse_table(kind: str, database: str, body: Mapping[str, Any]) -> _Target | None:
    has_columns = kind == "TableWithColumns"
    name = ALL_TABLES if "TableWildcard" in body or body.get("Name") == "ALL_TABLES" else body.get("Name")
    if not isinstance(name, str) or (has_columns and not {"ColumnNames", "ColumnWildcard"} & body.keys()):
        return None
    return _Target(database, name, _parse_columns(body) if has_columns else ALL_COLUMNS)


def _parse_policy(body: Mapping[str, Any]) -> TagPolicy | None:
    """None for neither an expression nor the name of one."""
    pairs, name = body.get("Expression") or (), body.get("ExpressionName") or ""
    if not (pairs or name) or not all({"TagKey", "TagValues"} <= pair.keys() for pair in pairs):
        return None
    return TagPolicy(body["ResourceType"], TagExpression.from_aws(pairs), name)


def parse_row_policy_attachment(
    row: Mapping[str, Any], expressions: Mapping[str, str]
) -> RowPolicyAttachment:
    """A row of ListRLSPolicyAttachments; `expressions` are the policies' texts by name. On anything but one table or
    tables by LF-Tags it counts for every table.
    """
    kind, body = _parse_kind(row)
    name = str(row.get("PolicyName") or "")
    found = RowPolicyAttachment(
        name,
        expressions.get(name, ""),
        parse_principal(row),
        condition=_parse_condition(row) or ("a condition that is not known" if row.get("Condition") else ""),
        is_default=bool(row.get("DefaultRLSPolicy")),
    )
    match kind, _parse_target(kind, body):
        case "Table" | "TableWithColumns", _Target(database=str(database), table=str(table)):
            return replace(found, database=database, table=table)
        case "LFTagPolicy", _Target(policy=TagPolicy(kind="TABLE") as policy):
            return replace(found, tags=policy)
        case _:
            return found


def parse_cells_filter(row: Mapping[str, Any], place: DataCatalog) -> CellsFilter:
    """A row of ListDataCellsFilter; its expression in our canonical text where it can be read."""
    # Empty for all rows. Another way to choose rows is kept by its name, so that the filter is none that we
    # wrote.
    row_filter = row.get("RowFilter") or {}
    if rows := row_filter.get("FilterExpression"):
        filter_rows = canonicalize_row_filter(rows)
    else:
        filter_rows = " and ".join(sorted(row_filter.keys() - {"FilterExpression", "AllRowsWildcard"}))
    return CellsFilter(
        catalog=place,
        database=row["DatabaseName"],
        table=row["TableName"],
        name=row["Name"],
        rows=filter_rows,
        columns=_parse_columns(row),
    )


def _parse_columns(table: Mapping[str, Any]) -> ColumnSet:
    if table.get("ColumnNames"):
        return ColumnSet.include(table["ColumnNames"])
    wildcard = table.get("ColumnWildcard") or {}
    return ColumnSet.every(exclude=wildcard.get("ExcludedColumnNames", ()))
