"""From the rows of ListPermissions and ListDataCellsFilter to atoms.

AWS lists SELECT on a table apart, as `TableWithColumns` with a wildcard; the other verbs stand in a
`Table` row; a grant on all tables carries the name `ALL_TABLES`; one by LF-Tags is an `LFTagPolicy`. Many rows may speak of one atom:
their columns are united. `ALL` stands beside what it contains and is kept as it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lakeformation.values.column_sets import EVERY, ColumnSet
from lakeformation.values.data_cells_filters import CellsFilter
from lakeformation.values.permissions import ALL_TABLES, Held, Permission, Place
from lakeformation.values.row_rule_parser import canonical_rule
from lakeformation.values.tag_expressions import TagExpression, TagPolicy


def normalise(rows: Iterable[Mapping[str, Any]], place: Place, through: str = "") -> Held:
    """Atoms with their columns, of the rows that speak of databases, tables, filters and LF-Tags; others are left out.

    With `through`, the rows are as that account lists them of another's catalog: what it passed on itself, beside
    what the owner granted to it, which is the owner's to tell and left out.
    """
    held: Held = {}
    for row in rows:
        if through and row["Principal"]["DataLakePrincipalIdentifier"] == through:
            continue
        for permission, columns in _atoms(row, place, through):
            held[permission] = held[permission] | columns if permission in held else columns
    return held


def _atoms(row: Mapping[str, Any], place: Place, through: str) -> Iterator[tuple[Permission, ColumnSet]]:
    target = _target(row["Resource"])
    if target is None:
        return
    database, table, columns = target
    principal = row["Principal"]["DataLakePrincipalIdentifier"]
    name = row["Resource"].get("DataCellsFilter", {}).get("Name", "")
    policy = _policy(row["Resource"])
    condition = row.get("Condition", {}).get("Expression", "")
    held = [(verb, False) for verb in row.get("Permissions", ())]
    held += [(verb, True) for verb in row.get("PermissionsWithGrantOption", ())]
    for verb, grantable in held:
        atom = Permission(
            place, principal, database, table, verb, grantable, name, through, policy, condition
        )
        yield atom, columns


def _policy(resource: Mapping[str, Any]) -> TagPolicy | None:
    if "LFTagPolicy" not in resource:
        return None
    body = resource["LFTagPolicy"]
    expression = TagExpression.from_aws(body.get("Expression", ()))
    return TagPolicy(body["ResourceType"], expression, body.get("ExpressionName", ""))


def _target(resource: Mapping[str, Any]) -> tuple[str, str, ColumnSet] | None:
    if "Database" in resource:
        return resource["Database"]["Name"], "", EVERY
    if "Table" in resource:
        table = resource["Table"]
        name = ALL_TABLES if "TableWildcard" in table else table["Name"]
        return table["DatabaseName"], ALL_TABLES if name == "ALL_TABLES" else name, EVERY
    if "DataCellsFilter" in resource:
        cells = resource["DataCellsFilter"]
        return cells["DatabaseName"], cells["TableName"], EVERY
    if "TableWithColumns" in resource:
        table = resource["TableWithColumns"]
        name = ALL_TABLES if table["Name"] == "ALL_TABLES" else table["Name"]
        return table["DatabaseName"], name, _columns(table)
    return ("", "", EVERY) if "LFTagPolicy" in resource else None


def cells_filter(row: Mapping[str, Any], place: Place) -> CellsFilter:
    """A row of ListDataCellsFilter; its expression in our canonical text where it can be read."""
    rows = row.get("RowFilter", {}).get("FilterExpression")
    return CellsFilter(
        place=place,
        database=row["DatabaseName"],
        table=row["TableName"],
        name=row["Name"],
        rows=canonical_rule(rows) if rows else "",
        columns=_columns(row),
    )


def _columns(table: Mapping[str, Any]) -> ColumnSet:
    if table.get("ColumnNames"):
        return ColumnSet.include(table["ColumnNames"])
    wildcard = table.get("ColumnWildcard", {})
    return ColumnSet.every(but=wildcard.get("ExcludedColumnNames", ()))
