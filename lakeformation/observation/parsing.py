"""From the rows of ListPermissions and ListDataCellsFilter to atoms.

AWS lists SELECT on a table apart, as `TableWithColumns` with a wildcard; the other verbs stand in a
`Table` row; a grant on all tables carries the name `ALL_TABLES`; one by LF-Tags is an `LFTagPolicy`. Many rows may speak of one atom:
their columns are united. `ALL` stands beside what it contains and is kept as it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import ALL_TABLES, DataCatalog, HeldPermissions, Permission
from lakeformation.values.row_filter_parser import canonicalize_row_filter
from lakeformation.values.tag_expressions import TagExpression, TagPolicy


def parse_permissions(
    rows: Iterable[Mapping[str, Any]], place: DataCatalog, passed_on_by: str = ""
) -> HeldPermissions:
    """Atoms with their columns, of the rows that speak of databases, tables, filters and LF-Tags; others are left out.

    With `passed_on_by`, the rows are as that account lists them of another's catalog: what it passed on itself, beside
    what the owner granted to it, which is the owner's to tell and left out.
    """
    held: HeldPermissions = {}
    for row in rows:
        if passed_on_by and row["Principal"]["DataLakePrincipalIdentifier"] == passed_on_by:
            continue
        for permission, columns in _parse_row(row, place, passed_on_by):
            held[permission] = held[permission] | columns if permission in held else columns
    return held


def _parse_row(
    row: Mapping[str, Any], place: DataCatalog, through: str
) -> Iterator[tuple[Permission, ColumnSet]]:
    target = _parse_resource(row["Resource"])
    if target is None:
        return
    database, table, columns = target
    principal = row["Principal"]["DataLakePrincipalIdentifier"]
    name = row["Resource"].get("DataCellsFilter", {}).get("Name", "")
    policy = _parse_policy(row["Resource"])
    condition = row.get("Condition", {}).get("Expression", "")
    held = [(verb, False) for verb in row.get("Permissions", ())]
    held += [(verb, True) for verb in row.get("PermissionsWithGrantOption", ())]
    for verb, grantable in held:
        atom = Permission(
            place, principal, database, table, verb, grantable, name, through, policy, condition
        )
        yield atom, columns


def _parse_policy(resource: Mapping[str, Any]) -> TagPolicy | None:
    if "LFTagPolicy" not in resource:
        return None
    body = resource["LFTagPolicy"]
    expression = TagExpression.from_aws(body.get("Expression", ()))
    return TagPolicy(body["ResourceType"], expression, body.get("ExpressionName", ""))


def _parse_resource(resource: Mapping[str, Any]) -> tuple[str, str, ColumnSet] | None:
    if "Database" in resource:
        return resource["Database"]["Name"], "", ALL_COLUMNS
    if "Table" in resource:
        table = resource["Table"]
        name = ALL_TABLES if "TableWildcard" in table else table["Name"]
        return table["DatabaseName"], ALL_TABLES if name == "ALL_TABLES" else name, ALL_COLUMNS
    if "DataCellsFilter" in resource:
        cells = resource["DataCellsFilter"]
        return cells["DatabaseName"], cells["TableName"], ALL_COLUMNS
    if "TableWithColumns" in resource:
        table = resource["TableWithColumns"]
        name = ALL_TABLES if table["Name"] == "ALL_TABLES" else table["Name"]
        return table["DatabaseName"], name, _parse_columns(table)
    return ("", "", ALL_COLUMNS) if "LFTagPolicy" in resource else None


def parse_cells_filter(row: Mapping[str, Any], place: DataCatalog) -> CellsFilter:
    """A row of ListDataCellsFilter; its expression in our canonical text where it can be read."""
    rows = row.get("RowFilter", {}).get("FilterExpression")
    return CellsFilter(
        catalog=place,
        database=row["DatabaseName"],
        table=row["TableName"],
        name=row["Name"],
        rows=canonicalize_row_filter(rows) if rows else "",
        columns=_parse_columns(row),
    )


def _parse_columns(table: Mapping[str, Any]) -> ColumnSet:
    if table.get("ColumnNames"):
        return ColumnSet.include(table["ColumnNames"])
    wildcard = table.get("ColumnWildcard", {})
    return ColumnSet.every(exclude=wildcard.get("ExcludedColumnNames", ()))
