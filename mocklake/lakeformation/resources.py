"""What a permission can be held on, read from and written to the shapes of the API.

A column list is no resource of its own: it narrows SELECT on a table. A data cells filter is one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mocklake.catalog_ids import full_id, owner_of, path_of
from mocklake.errors import AwsError

ALL_TABLES = "ALL_TABLES"
MOST_VALUES = 50
Expression = tuple[tuple[str, tuple[str, ...]], ...]
"""Keys with the values that are content each; sorted, in lower case."""


class Kind(StrEnum):
    """Values are the ResourceType of ListPermissions."""

    CATALOG = "CATALOG"
    DATABASE = "DATABASE"
    TABLE = "TABLE"
    DATA_LOCATION = "DATA_LOCATION"
    DATA_CELLS_FILTER = "DATA_CELLS_FILTER"
    """No ResourceType of the API: such rows are listed with their table only."""
    LF_TAG = "LF_TAG"
    LF_TAG_POLICY_DATABASE = "LF_TAG_POLICY_DATABASE"
    LF_TAG_POLICY_TABLE = "LF_TAG_POLICY_TABLE"
    LF_NAMED_TAG_EXPRESSION = "LF_NAMED_TAG_EXPRESSION"


@dataclass(frozen=True)
class Resource:
    """`table` is ALL_TABLES for the wildcard: real names are lower-case, so it cannot be one.

    An LF-Tag is an `expression` of one key; a policy has an `expression` or the name of one.
    """

    kind: Kind
    catalog_id: str
    database: str = ""
    table: str = ""
    location: str = ""
    filter: str = ""
    expression: Expression = ()
    expression_name: str = ""

    @property
    def owner(self) -> str:
        """The account whose book decides."""
        return owner_of(self.catalog_id)

    @property
    def is_nested(self) -> bool:
        """Is, or lies in, a catalog inside an account's own."""
        return path_of(self.catalog_id) != ""

    @property
    def tagged_database(self) -> str:
        """The database as LF-Tags know it: apart from those of its name in other catalogs."""
        return tagged_database(self.catalog_id, self.database)

    @property
    def is_all_tables(self) -> bool:
        return self.table == ALL_TABLES

    @property
    def wildcard(self) -> "Resource":
        """All tables of this table's database."""
        return Resource(Kind.TABLE, self.catalog_id, self.database, ALL_TABLES)

    @property
    def whole_table(self) -> "Resource":
        """The table that a filter cuts; a table is its own."""
        return Resource(Kind.TABLE, self.catalog_id, self.database, self.table)

    @property
    def parent(self) -> "Resource":
        return Resource(Kind.DATABASE, self.catalog_id, self.database)

    @property
    def name(self) -> str:
        return self.table or self.database or self.location or self.catalog_id


@dataclass(frozen=True)
class Columns:
    """A narrowed SELECT: these columns, or (`excluding`) all but these."""

    names: frozenset[str]
    excluding: bool = False

    def among(self, columns: Iterable[str]) -> tuple[str, ...]:
        """The columns of a table that are meant, in the table's order."""
        return tuple(name for name in columns if (name in self.names) != self.excluding)


@dataclass(frozen=True)
class Target:
    resource: Resource
    columns: Columns | None = None


def tagged_database(catalog_id: str, database: str) -> str:
    path = path_of(catalog_id)
    return f"{path}\0{database}" if path else database


def catalog_resource(catalog_id: str) -> Resource:
    return Resource(Kind.CATALOG, catalog_id)


def database_resource(catalog_id: str, database: str) -> Resource:
    return Resource(Kind.DATABASE, catalog_id, database.lower())


def table_resource(catalog_id: str, database: str, table: str) -> Resource:
    return Resource(Kind.TABLE, catalog_id, database.lower(), table.lower())


def filter_resource(catalog_id: str, database: str, table: str, name: str) -> Resource:
    """Names of filters keep their case."""
    return Resource(Kind.DATA_CELLS_FILTER, catalog_id, database.lower(), table.lower(), filter=name)


def read(shape: dict[str, Any], default_catalog: str) -> Target:
    """The target of a Resource member; InvalidInputException unless exactly one kind is named."""
    if len(shape) != 1:
        raise AwsError("InvalidInputException", "Resource must have exactly one resource type populated.")
    kind, body = next(iter(shape.items()))
    reader = _READERS.get(kind)
    if reader is None:
        raise AwsError("MocklakeNotImplemented", f"Permissions on {kind} are not simulated.", status=501)
    given = body.get("CatalogId") or body.get("TableCatalogId") or body.get("Id")
    return reader(body, full_id(given, default_catalog))


def write(resource: Resource) -> dict[str, Any]:
    match resource.kind:
        case Kind.CATALOG:
            return {"Catalog": {"Id": resource.catalog_id}}
        case Kind.DATABASE:
            return {"Database": {"CatalogId": resource.catalog_id, "Name": resource.database}}
        case Kind.DATA_LOCATION:
            return {"DataLocation": {"CatalogId": resource.catalog_id, "ResourceArn": resource.location}}
        case Kind.TABLE:
            wildcard: dict[str, Any] = {"TableWildcard": {}} if resource.is_all_tables else {}
            return {"Table": _named(resource) | wildcard}
        case Kind.DATA_CELLS_FILTER:
            return {"DataCellsFilter": _named_filter(resource)}
        case _:
            return _write_tagged(resource)


def _write_tagged(resource: Resource) -> dict[str, Any]:
    match resource.kind:
        case Kind.LF_TAG:
            return {"LFTag": {"CatalogId": resource.catalog_id} | write_expression(resource.expression)[0]}
        case Kind.LF_NAMED_TAG_EXPRESSION:
            named = {"CatalogId": resource.catalog_id, "Name": resource.expression_name}
            return {"LFTagExpression": named}
        case _:
            return {"LFTagPolicy": _policy(resource)}


def write_columns(resource: Resource, columns: Columns | None) -> dict[str, Any]:
    """SELECT on a table is always listed in this shape, also when it is on the whole table."""
    if columns is None:
        return {"TableWithColumns": _named(resource) | {"ColumnWildcard": {}}}
    names = sorted(columns.names)
    narrowed = (
        {"ColumnWildcard": {"ExcludedColumnNames": names}} if columns.excluding else {"ColumnNames": names}
    )
    return {"TableWithColumns": _named(resource) | narrowed}


def _named(resource: Resource) -> dict[str, Any]:
    return {"CatalogId": resource.catalog_id, "DatabaseName": resource.database, "Name": resource.table}


def _named_filter(resource: Resource) -> dict[str, Any]:
    return {
        "TableCatalogId": resource.catalog_id,
        "DatabaseName": resource.database,
        "TableName": resource.table,
        "Name": resource.filter,
    }


def _policy(resource: Resource) -> dict[str, Any]:
    body: dict[str, Any] = {"Expression": write_expression(resource.expression)}
    if resource.expression_name:
        body = {"ExpressionName": resource.expression_name}
    kind = resource.kind.value.removeprefix("LF_TAG_POLICY_")
    return {"CatalogId": resource.catalog_id, "ResourceType": kind} | body


def write_expression(expression: Expression) -> list[dict[str, Any]]:
    return [{"TagKey": key, "TagValues": list(values)} for key, values in expression]


def read_expression(pairs: list[dict[str, Any]]) -> Expression:
    """InvalidInputException for none, a key that comes twice, or more values than a call takes."""
    if not pairs:
        raise AwsError("InvalidInputException", "Expression must not be empty.")
    found: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        key, values = pair["TagKey"].lower(), pair["TagValues"]
        if key in found:
            raise AwsError("InvalidInputException", f"Tag key {key} comes twice.")
        if not 1 <= len(values) <= MOST_VALUES:
            raise AwsError("InvalidInputException", f"A call takes 1 to {MOST_VALUES} tag values.")
        found[key] = tuple(sorted({value.lower() for value in values}))
    return tuple(sorted(found.items()))


def _read_catalog(body: dict[str, Any], catalog_id: str) -> Target:
    del body
    return Target(catalog_resource(catalog_id))


def _read_database(body: dict[str, Any], catalog_id: str) -> Target:
    return Target(database_resource(catalog_id, body["Name"]))


def _read_table(body: dict[str, Any], catalog_id: str) -> Target:
    name = body.get("Name")
    if "TableWildcard" in body:
        if name not in (None, ALL_TABLES):
            raise AwsError("InvalidInputException", "Table name and table wildcard cannot both be present.")
        name = ALL_TABLES
    if not name:
        raise AwsError("InvalidInputException", "Table resource must have either name or wildcard.")
    if name == ALL_TABLES:
        return Target(Resource(Kind.TABLE, catalog_id, body["DatabaseName"].lower(), ALL_TABLES))
    return Target(table_resource(catalog_id, body["DatabaseName"], name))


def _read_table_with_columns(body: dict[str, Any], catalog_id: str) -> Target:
    """An empty wildcard is the whole table, with every permission of a table (data.all grants DESCRIBE so)."""
    if ("ColumnNames" in body) == ("ColumnWildcard" in body):
        raise AwsError("InvalidInputException", "Either column names or a column wildcard must be present.")
    resource = _read_table({"DatabaseName": body["DatabaseName"], "Name": body["Name"]}, catalog_id).resource
    excluding = "ColumnWildcard" in body
    given = body["ColumnWildcard"].get("ExcludedColumnNames", []) if excluding else body["ColumnNames"]
    if not given and not excluding:
        raise AwsError("InvalidInputException", "Column names must not be empty.")
    if given and resource.is_all_tables:
        raise AwsError("InvalidInputException", "Columns cannot be named on all tables.")
    columns = Columns(frozenset(name.lower() for name in given), excluding) if given else None
    return Target(resource, columns)


def _read_location(body: dict[str, Any], catalog_id: str) -> Target:
    return Target(Resource(Kind.DATA_LOCATION, catalog_id, location=body["ResourceArn"]))


def _read_filter(body: dict[str, Any], catalog_id: str) -> Target:
    missing = [name for name in ("DatabaseName", "TableName", "Name") if not body.get(name)]
    if missing:
        raise AwsError("InvalidInputException", f"Data cells filter must have {missing[0]}.")
    return Target(filter_resource(catalog_id, body["DatabaseName"], body["TableName"], body["Name"]))


def _read_lf_tag(body: dict[str, Any], catalog_id: str) -> Target:
    return Target(Resource(Kind.LF_TAG, catalog_id, expression=read_expression([body])))


def _read_policy(body: dict[str, Any], catalog_id: str) -> Target:
    kinds = {"DATABASE": Kind.LF_TAG_POLICY_DATABASE, "TABLE": Kind.LF_TAG_POLICY_TABLE}
    kind = kinds.get(body["ResourceType"])
    if kind is None:
        raise AwsError("InvalidInputException", "ResourceType must be DATABASE or TABLE.")
    if ("Expression" in body) == ("ExpressionName" in body):
        raise AwsError("InvalidInputException", "Either Expression or ExpressionName must be present.")
    if "ExpressionName" in body:
        return Target(Resource(kind, catalog_id, expression_name=body["ExpressionName"]))
    return Target(Resource(kind, catalog_id, expression=read_expression(body["Expression"])))


def _read_named_expression(body: dict[str, Any], catalog_id: str) -> Target:
    return Target(Resource(Kind.LF_NAMED_TAG_EXPRESSION, catalog_id, expression_name=body["Name"]))


_READERS = {
    "Catalog": _read_catalog,
    "Database": _read_database,
    "Table": _read_table,
    "TableWithColumns": _read_table_with_columns,
    "DataLocation": _read_location,
    "DataCellsFilter": _read_filter,
    "LFTag": _read_lf_tag,
    "LFTagExpression": _read_named_expression,
    "LFTagPolicy": _read_policy,
}
