"""Types of DuckDB as Athena names them."""

import re

from mocklake.athena.sql_text import DUCKDB_BRACKETS, split_types

_NAMES = {
    "VARCHAR": "varchar", "INTEGER": "integer", "BIGINT": "bigint", "HUGEINT": "bigint", "UBIGINT": "bigint",
    "UINTEGER": "bigint", "USMALLINT": "integer", "UTINYINT": "smallint", "SMALLINT": "smallint", "TINYINT": "tinyint",
    "DATE": "date", "DOUBLE": "double", "FLOAT": "float", "BOOLEAN": "boolean", "BLOB": "varbinary", "JSON": "json",
    "TIMESTAMP": "timestamp", "TIMESTAMP_S": "timestamp", "TIMESTAMP_MS": "timestamp", "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone", "TIME": "time", "INTERVAL": "interval day to second",
    "TIME WITH TIME ZONE": "time with time zone", "UUID": "uuid", '"NULL"': "unknown",
}  # fmt: skip
_MEMBER = re.compile(r'("(?:[^"]|"")*"|\w+)\s+(.*)', re.DOTALL)


def athena_type(kind: str) -> str:
    """`decimal(9,2)`, `array(integer)`, `map(varchar, bigint)`, `row(a integer, b varchar)` and plain names."""
    if kind.endswith("]"):
        return f"array({athena_type(kind[: kind.rindex('[')])})"
    outer, opened, inner = kind.partition("(")
    parts = split_types(inner.removesuffix(")"), DUCKDB_BRACKETS) if opened else []
    match outer:
        case "MAP":
            return f"map({', '.join(athena_type(one) for one in parts)})"
        case "STRUCT":
            return f"row({', '.join(_member(one) for one in parts)})"
        case "DECIMAL":
            return f"decimal({','.join(parts)})"
    return _NAMES.get(kind, "varchar")


def _member(text: str) -> str:
    found = _MEMBER.fullmatch(text)
    if found is None:
        return athena_type(text)
    return f"{found[1].strip(chr(34))} {athena_type(found[2])}"
