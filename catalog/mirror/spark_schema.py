"""The columns of a table that Spark keeps in the table's parameters, where Glue holds only a placeholder. Pure."""

import re
from collections.abc import Mapping, Sequence
from itertools import count, takewhile
from typing import Any

import orjson

_PROVIDER = "spark.sql.sources.provider"
_SCHEMA = "spark.sql.sources.schema"
_PART_COUNT = re.compile("[0-9]{1,4}")
_MAX_DEPTH = 60
_HIVE_TYPES = {
    "byte": "tinyint",
    "short": "smallint",
    "integer": "int",
    "long": "bigint",
    "timestamp_ntz": "timestamp",
    "timestamp_ltz": "timestamp",
    "null": "void",
    "calendarinterval": "interval",
}
"""Names of Spark's `DataType.json` that differ from Hive's; the others are the same."""
_AMBIGUOUS = frozenset(":<>,()` \t\n\r")


class UnreadableSchemaError(ValueError):
    """The parameters hold no schema, or one that is incomplete or malformed."""


def keeps_spark_schema(parameters: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> bool:
    """Whether Spark made the table without telling Glue its columns.

    Spark's HiveExternalCatalog then writes the one column `col array<string>` (`EMPTY_DATA_SCHEMA`).
    """
    if not any(name in parameters for name in (_PROVIDER, _SCHEMA, f"{_SCHEMA}.numParts")):
        return False
    return [(one.get("Name"), one.get("Type")) for one in columns] in ([], [("col", "array<string>")])


def read_spark_columns(parameters: Mapping[str, Any]) -> list[dict[str, str]]:
    """The columns as Glue would return them, in lower case. Raises UnreadableSchemaError."""
    try:
        schema = orjson.loads(_join_parts(parameters))
    except orjson.JSONDecodeError as error:
        raise UnreadableSchemaError from error
    fields = _list_fields(schema)
    if not fields:
        raise UnreadableSchemaError
    return [_build_column(one) for one in fields]


def list_spark_partition_keys(parameters: Mapping[str, Any]) -> list[str]:
    """The columns by which Spark has partitioned the table, in lower case."""
    values = (parameters.get(f"{_SCHEMA}.partCol.{number}") for number in count())
    return [str(name).lower() for name in takewhile(lambda value: value is not None, values)]


def _join_parts(parameters: Mapping[str, Any]) -> str:
    if (whole := parameters.get(_SCHEMA)) is not None:
        return str(whole)
    number = str(parameters.get(f"{_SCHEMA}.numParts", ""))
    if not _PART_COUNT.fullmatch(number):
        raise UnreadableSchemaError
    parts = [parameters.get(f"{_SCHEMA}.part.{part}") for part in range(int(number))]
    if None in parts:
        raise UnreadableSchemaError
    return "".join(map(str, parts))


def _build_column(field: Mapping[str, Any]) -> dict[str, str]:
    metadata = field.get("metadata")
    comment = metadata.get("comment") if isinstance(metadata, dict) else None
    return {
        "Name": _get_name(field).lower(),
        "Type": _get_hive_type(field, 0),
        "Comment": comment if isinstance(comment, str) else "",
    }


def _get_hive_type(field: Mapping[str, Any], depth: int) -> str:
    """Spark stores char and varchar as string, with their own type in the metadata (`CharVarcharUtils`)."""
    metadata = field.get("metadata")
    declared = metadata.get("__CHAR_VARCHAR_TYPE_STRING") if isinstance(metadata, dict) else None
    return declared if isinstance(declared, str) else _to_hive(field.get("type"), depth)


def _to_hive(value: object, depth: int) -> str:
    if depth > _MAX_DEPTH:
        raise UnreadableSchemaError
    match value:
        case str():
            return _HIVE_TYPES.get(value.lower(), value.lower())
        case {"type": "array", "elementType": element}:
            return f"array<{_to_hive(element, depth + 1)}>"
        case {"type": "map", "keyType": key, "valueType": held}:
            return f"map<{_to_hive(key, depth + 1)},{_to_hive(held, depth + 1)}>"
        case {"type": "struct"}:
            fields = _list_fields(value)
            return f"struct<{','.join(_to_hive_field(one, depth + 1) for one in fields)}>"
        case {"type": "udt", "sqlType": stored}:
            return _to_hive(stored, depth + 1)
    raise UnreadableSchemaError


def _to_hive_field(field: Mapping[str, Any], depth: int) -> str:
    name = _get_name(field)
    quoted = name if _AMBIGUOUS.isdisjoint(name) else f"`{name.replace('`', '``')}`"
    return f"{quoted}:{_get_hive_type(field, depth)}"


def _list_fields(schema: object) -> list[Mapping[str, Any]]:
    match schema:
        case {"type": "struct", "fields": list(fields)} if all(isinstance(one, dict) for one in fields):
            return fields
    raise UnreadableSchemaError


def _get_name(field: Mapping[str, Any]) -> str:
    name = field.get("name")
    if not isinstance(name, str) or not name:
        raise UnreadableSchemaError
    return name
