"""Iceberg tables made and changed through Glue itself: OpenTableFormatInput and UpdateOpenTableFormatInput.

Sources: Glue's service model, the Iceberg table specification (types, ids). The metadata are kept here and
answered as IcebergTableMetadata; no metadata file is written to S3, though `metadata_location` names one.
"""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from mocklake.errors import AwsError

_PLAIN = {
    "long": "bigint", "int": "int", "float": "float", "double": "double", "boolean": "boolean", "date": "date",
    "string": "string", "uuid": "string", "time": "string", "timestamp": "timestamp", "timestamptz": "timestamp",
    "timestamp_ns": "timestamp", "timestamptz_ns": "timestamp", "binary": "binary",
}  # fmt: skip


def made(
    name: str, asked: dict[str, Any], body: dict[str, Any] | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The TableInput and the metadata of a new table; a TableInput given beside says the rest."""
    given = asked.get("IcebergInput", {})
    table = given.get("CreateIcebergTableInput")
    if table is None:
        if body is None:
            raise AwsError("InvalidInputException", "TableInput or CreateIcebergTableInput must be given.")
        return _marked(body, str(body.get("StorageDescriptor", {}).get("Location", ""))), {}
    version = str(table.get("Properties", {}).get("format-version", given.get("Version", "2")))
    schema = table["Schema"] | {"SchemaId": table["Schema"].get("SchemaId", 0)}
    metadata = {
        "FormatVersion": version,
        "TableUuid": str(uuid4()),
        "Location": table["Location"],
        "Properties": table.get("Properties", {}),
        "Schemas": [schema],
        "CurrentSchemaId": schema["SchemaId"],
        "LastColumnId": _last_id(schema),
        "PartitionSpecs": [_numbered(table.get("PartitionSpec", {"Fields": []}), "SpecId")],
        "DefaultSpecId": table.get("PartitionSpec", {}).get("SpecId", 0),
        "SortOrders": [table.get("WriteOrder", {"OrderId": 0, "Fields": []})],
        "DefaultSortOrderId": table.get("WriteOrder", {}).get("OrderId", 0),
    }
    return described({"Name": name} | (body or {}), metadata), metadata


def updated(
    body: dict[str, Any], metadata: dict[str, Any], asked: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Each update in turn; without an Action it brings a schema, which becomes the present one."""
    if not metadata:
        raise AwsError("InvalidInputException", "The table has no Iceberg metadata that Glue keeps.")
    for update in asked["UpdateIcebergInput"]["UpdateIcebergTableInput"]["Updates"]:
        metadata = _applied(metadata, update)
    before = body.get("Parameters", {}).get("metadata_location", "")
    after = described(body, metadata)
    after["Parameters"] = after["Parameters"] | {"previous_metadata_location": before}
    return after, metadata


def described(body: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    """A TableInput whose columns and location follow the metadata."""
    current = next(
        schema for schema in metadata["Schemas"] if schema["SchemaId"] == metadata["CurrentSchemaId"]
    )
    storage = body.get("StorageDescriptor", {}) | {
        "Columns": [column_of(field) for field in current["Fields"]],
        "Location": metadata["Location"],
    }
    return _marked(body | {"StorageDescriptor": storage}, metadata["Location"])


def _marked(body: dict[str, Any], location: str) -> dict[str, Any]:
    file = f"{location.rstrip('/')}/metadata/{uuid4()}.metadata.json"
    named = {"table_type": "ICEBERG", "metadata_location": file}
    parameters = body.get("Parameters", {}) | named
    return {"TableType": "EXTERNAL_TABLE"} | body | {"Parameters": parameters}


def _applied(metadata: dict[str, Any], update: dict[str, Any]) -> dict[str, Any]:
    changed = dict(metadata)
    match update.get("Action"):
        case None | "add-schema":
            number = max(one["SchemaId"] for one in metadata["Schemas"]) + 1
            schema = update["Schema"] | {"SchemaId": number}
            changed["Schemas"] = [*metadata["Schemas"], schema]
            changed["CurrentSchemaId"] = number
            changed["LastColumnId"] = max(metadata["LastColumnId"], _last_id(schema))
        case "set-current-schema":
            known = [one["SchemaId"] for one in metadata["Schemas"]]
            changed["CurrentSchemaId"] = _known(update["Schema"].get("SchemaId"), known)
        case "set-location":
            changed["Location"] = update["Location"]
        case "set-properties":
            changed["Properties"] = metadata["Properties"] | update.get("Properties", {})
        case "remove-properties":
            gone = update.get("Properties", {})
            changed["Properties"] = {
                key: value for key, value in metadata["Properties"].items() if key not in gone
            }
        case "add-spec" | "set-default-spec":
            spec = _numbered(update.get("PartitionSpec", {"Fields": []}), "SpecId")
            changed["PartitionSpecs"] = _with(metadata["PartitionSpecs"], spec, "SpecId")
            changed["DefaultSpecId"] = spec["SpecId"]
        case "add-sort-order" | "set-default-sort-order":
            order = update.get("SortOrder", {"OrderId": 0, "Fields": []})
            changed["SortOrders"] = _with(metadata["SortOrders"], order, "OrderId")
            changed["DefaultSortOrderId"] = order["OrderId"]
        case action:
            raise AwsError("MocklakeNotImplemented", f"Iceberg's {action} is not simulated.", status=501)
    return changed


def _known(number: Any, known: list[int]) -> int:
    if number not in known:
        raise AwsError("InvalidInputException", f"Schema {number} does not exist.")
    return int(number)


def _with(known: list[dict[str, Any]], new: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return [*(one for one in known if one[key] != new[key]), new]


def _numbered(spec: dict[str, Any], key: str) -> dict[str, Any]:
    return spec | {key: spec.get(key, 0)}


def _last_id(schema: dict[str, Any]) -> int:
    return max((field["Id"] for field in schema["Fields"]), default=0)


def column_of(field: dict[str, Any]) -> dict[str, Any]:
    kept = {
        "iceberg.field.id": str(field["Id"]),
        "iceberg.field.optional": "false" if field["Required"] else "true",
        "iceberg.field.current": "true",
    }
    column = {"Name": field["Name"], "Type": hive_type(field["Type"]), "Parameters": kept}
    return column | ({"Comment": field["Doc"]} if field.get("Doc") else {})


def hive_type(kind: Any) -> str:
    """An Iceberg type in Hive's words; InvalidInputException for none of its types."""
    match kind:
        case str() if kind in _PLAIN:
            return _PLAIN[kind]
        case str() if kind.startswith("decimal"):
            return kind.replace(" ", "")
        case str() if kind.startswith("fixed"):
            return "binary"
        case {"type": "list"}:
            return f"array<{hive_type(kind.get('element'))}>"
        case {"type": "map"}:
            return f"map<{hive_type(kind.get('key'))},{hive_type(kind.get('value'))}>"
        case {"type": "struct"}:
            return f"struct<{','.join(_members(kind.get('fields', [])))}>"
    raise AwsError("InvalidInputException", f"Invalid Iceberg type: {kind}")


def _members(fields: Iterable[dict[str, Any]]) -> Iterable[str]:
    return (f"{field['name']}:{hive_type(field['type'])}" for field in fields)
