"""Data products in the Open Data Contract Standard of Bitol, 3.1 and 3.2. Pure."""

from collections.abc import Iterator
from typing import Any

from catalog.product_files.shared_members import (
    PREFIX,
    PROPERTIES,
    MemberReader,
    SharedMembers,
    UnknownLevelError,
    read_service_level,
    write_common_head,
    write_custom_properties,
    write_links,
    write_service_levels,
    write_team,
)
from catalog.product_files.state import FileColumn, FileServer, FileTable, Path, ProductFile
from catalog.products.fields import SERVICE_LEVELS

KIND = "DataContract"
VERSIONS = ("v3.2.0", "v3.1.0", "v3.0.2", "v3.0.1", "v3.0.0")
"""Versions of the standard that can be read. Version 2 has other members."""
DEFAULT_VERSION, VENDOR_VERSION = "v3.1.0", "v3.2.0"
SERVER_TYPE = "glue"
CATALOG_PROPERTY = f"{PREFIX}Catalog"
LOGICAL_TYPES = {
    "boolean": "boolean", "tinyint": "integer", "smallint": "integer", "int": "integer", "integer": "integer", "bigint": "integer",
    "float": "number", "double": "number", "real": "number", "decimal": "number", "date": "date", "timestamp": "timestamp",
    "array": "array", "map": "object", "struct": "object", "row": "object",
}  # fmt: skip
"""Logical types by Glue's types without what stands in brackets; all others are strings."""


def write_odcs(product: ProductFile, version: str = DEFAULT_VERSION) -> dict[str, Any]:
    """Every field, also empty ones: what a file leaves out stays as it is when it is applied."""
    fields = dict(product.fields)
    custom = write_custom_properties(product, [("Inputs", list(fields["inputs"]))])
    if version == VENDOR_VERSION:
        custom = [{**row, "vendor": PREFIX} for row in custom]
    servers = [
        {"server": server.name, "type": SERVER_TYPE, "account": server.account, "database": server.database}
        for server in product.servers or ()
    ]
    return {
        "apiVersion": version,
        "kind": KIND,
        **write_common_head(product),
        **({"servers": servers} if servers else {}),
        "schema": [_write_table(table) for table in fields["tables"]],
        "slaProperties": list(write_service_levels(fields)),
        "support": [{"channel": fields["support"]}] if fields["support"] else [],
        "team": write_team(product),
        "authoritativeDefinitions": write_links(product),
        "customProperties": custom,
    }


def read_odcs(data: Any) -> ProductFile:
    """Read data that follows the standard's schema."""
    members = SharedMembers(data)
    members.read_head()
    members.read_team()
    members.read_support(lambda _channel, _url: False)
    members.read_links()
    _read_service_levels(members)
    for _unknown in members.read_custom_properties():
        """Not ours: stays among what is not kept."""
    if members.reader.look_at("schema") is not None:
        rows = members.reader.list_rows("schema")
        members.set_field("tables", tuple(_read_table(members.reader, row) for row in rows), ("schema",))
    return members.build(servers=_read_servers(members.reader))


def _write_table(table: FileTable) -> dict[str, Any]:
    written: dict[str, Any] = {
        "name": table.name.rpartition(".")[2],
        "physicalName": table.name,
        "physicalType": table.kind or "table",
        "logicalType": "object",
    }
    if table.description:
        written["description"] = table.description
    if table.catalog:
        written["customProperties"] = [{"property": CATALOG_PROPERTY, "value": table.catalog}]
    return {**written, "properties": [_write_column(column) for column in table.columns or ()]}


def _write_column(column: FileColumn) -> dict[str, Any]:
    written: dict[str, Any] = {
        "name": column.name,
        "logicalType": get_logical_type(column.type),
        "physicalType": column.type,
    }
    if column.comment:
        written["description"] = column.comment
    if column.classification:
        written["classification"] = column.classification
    return {**written, "partitioned": True} if column.is_partition_key else written


def get_logical_type(glue_type: str) -> str:
    name = glue_type.lower().split("<")[0].split("(")[0].strip()
    return LOGICAL_TYPES.get(name, "string")


def _read_table(reader: MemberReader, row: Path) -> FileTable:
    name = reader.get(*row, "name")
    for place in reader.list_rows(*row, "customProperties"):
        if reader.look_at(*place, "property") == CATALOG_PROPERTY:
            for member in ("property", "value", "vendor"):
                reader.get(*place, member)
    columns = None
    if reader.look_at(*row, "properties") is not None:
        columns = tuple(_read_column(reader, place) for place in reader.list_rows(*row, "properties"))
    reader.get(*row, "logicalType")
    rows = reader.look_at(*row, "customProperties") or []
    found = (one.get("value") for one in rows if one.get("property") == CATALOG_PROPERTY)
    return FileTable(
        name=reader.get(*row, "physicalName") or name,
        catalog=str(next(found, "") or ""),
        description=reader.get(*row, "description") or "",
        kind=reader.get(*row, "physicalType") or "",
        columns=columns,
    )


def _read_column(reader: MemberReader, row: Path) -> FileColumn:
    name = reader.get(*row, "name")
    reader.get(*row, "logicalType")
    return FileColumn(
        name=reader.get(*row, "physicalName") or name,
        type=reader.get(*row, "physicalType") or "",
        comment=reader.get(*row, "description") or "",
        classification=reader.get(*row, "classification") or "",
        is_partition_key=reader.get(*row, "partitioned") or False,
    )


def _read_service_levels(members: SharedMembers) -> None:
    """A list that is there is complete; what can't be kept exactly is not kept."""
    if members.reader.look_at("slaProperties") is None:
        return
    for one in SERVICE_LEVELS:
        members.set_field(one.name, one.empty, ("slaProperties",))
    known: set[str] = set()
    for row, field, value in _list_service_levels(members.reader):
        if field not in known:
            known.add(field)
            for member in ("property", "value", "unit"):
                members.reader.get(*row, member)
            members.set_field(field, value, (*row, "value"))


def _list_service_levels(reader: MemberReader) -> Iterator[tuple[Path, str, Any]]:
    for row in reader.list_rows("slaProperties"):
        field = PROPERTIES.get(reader.look_at(*row, "property"))
        if field is None:
            continue
        try:
            value, unit = reader.look_at(*row, "value"), str(reader.look_at(*row, "unit") or "")
            yield row, field.name, read_service_level(field, value, unit)
        except UnknownLevelError:
            continue


def _read_servers(reader: MemberReader) -> tuple[FileServer, ...] | None:
    """The servers in Glue; of others nothing is kept."""
    rows = [row for row in reader.list_rows("servers") if reader.look_at(*row, "type") == SERVER_TYPE]
    found = []
    for row in rows:
        reader.get(*row, "type")
        name, account, database = (
            reader.get(*row, member) or "" for member in ("server", "account", "database")
        )
        found.append(FileServer(name, account, database))
    return tuple(found) or None
