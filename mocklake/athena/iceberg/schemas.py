"""Iceberg's types and Hive's, and the schemas of tables.

Source: Iceberg table specification, "Schemas and data types"; Athena User Guide, querying-iceberg-data-types.
"""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.sql_text import literal, split_types
from mocklake.glue.iceberg import column_of, hive_type

Field = dict[str, Any]
_PLAIN = {
    "string": "string", "varchar": "string", "char": "string", "int": "int", "integer": "int", "smallint": "int",
    "tinyint": "int", "bigint": "long", "float": "float", "real": "float", "double": "double", "boolean": "boolean",
    "date": "date", "timestamp": "timestamp", "binary": "binary",
}  # fmt: skip


def schema_of(columns: Sequence[tuple[str, str]], last_id: int = 0) -> Field:
    """Of (name, Hive type); ids go on from the last one that was given, columns before what is in them."""
    ids = count(last_id + 1)
    numbers = [next(ids) for _ in columns]
    fields = [
        {"id": number, "name": name, "required": False, "type": iceberg_type(kind, ids)}
        for number, (name, kind) in zip(numbers, columns, strict=True)
    ]
    return {"type": "struct", "schema-id": 0, "fields": fields}


def iceberg_type(hive: str, ids: Iterator[int]) -> Any:
    outer, _, inner = hive.strip().lower().partition("<")
    parts = split_types(inner.removesuffix(">")) if inner else []
    match outer:
        case "array":
            number = next(ids)
            element = iceberg_type(parts[0], ids)
            return {"type": "list", "element-id": number, "element": element, "element-required": False}
        case "map":
            key, value = next(ids), next(ids)
            return {
                "type": "map", "key-id": key, "key": iceberg_type(parts[0], ids),
                "value-id": value, "value": iceberg_type(parts[1], ids), "value-required": False,
            }  # fmt: skip
        case "struct":
            named = [part.partition(":") for part in parts]
            numbers = [next(ids) for _ in named]
            fields = [
                {"id": number, "name": name.strip(), "required": False, "type": iceberg_type(kind, ids)}
                for number, (name, _, kind) in zip(numbers, named, strict=True)
            ]
            return {"type": "struct", "fields": fields}
    base = outer.partition("(")[0]
    if base == "decimal":
        precision, _, scale = outer.partition("(")[2].removesuffix(")").partition(",")
        return f"decimal({precision.strip() or 10}, {scale.strip() or 0})"
    if base not in _PLAIN:
        raise QueryFailedError(f"NOT_SUPPORTED: Type not supported for Iceberg: {hive}")
    return _PLAIN[base]


def last_id(schema: Field) -> int:
    return max((number for field in schema["fields"] for number in _ids(field)), default=0)


def _ids(field: Field) -> Iterator[int]:
    yield field["id"]
    yield from _inner_ids(field["type"])


def _inner_ids(kind: Any) -> Iterator[int]:
    match kind:
        case {"type": "list"}:
            yield kind["element-id"]
            yield from _inner_ids(kind["element"])
        case {"type": "map"}:
            yield from (kind["key-id"], kind["value-id"])
            yield from _inner_ids(kind["key"])
            yield from _inner_ids(kind["value"])
        case {"type": "struct"}:
            for field in kind["fields"]:
                yield from _ids(field)


def glue_columns(schema: Field) -> list[dict[str, Any]]:
    """The table's columns as Glue keeps them."""
    return [
        column_of(
            {
                "Id": one["id"],
                "Name": one["name"],
                "Type": one["type"],
                "Required": one["required"],
                "Doc": one.get("doc"),
            }
        )
        for one in schema["fields"]
    ]


def field_ids(schema: Field) -> str:
    """As DuckDB's COPY takes them."""
    listed = (f"{literal(one['name'])}: {_numbered(one['id'], one['type'])}" for one in schema["fields"])
    return f"{{{', '.join(listed)}}}"


def _numbered(number: int, kind: Any) -> str:
    match kind:
        case {"type": "list"}:
            parts = [f"element: {_numbered(kind['element-id'], kind['element'])}"]
        case {"type": "map"}:
            parts = [
                f"key: {_numbered(kind['key-id'], kind['key'])}",
                f"value: {_numbered(kind['value-id'], kind['value'])}",
            ]
        case {"type": "struct"}:
            parts = [f"{literal(one['name'])}: {_numbered(one['id'], one['type'])}" for one in kind["fields"]]
        case _:
            return str(number)
    return "{" + ", ".join([f"__duckdb_field_id: {number}", *parts]) + "}"


__all__ = ["column_of", "field_ids", "glue_columns", "hive_type", "iceberg_type", "last_id", "schema_of"]
