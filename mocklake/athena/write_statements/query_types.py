"""DuckDB's types in Hive's words, and Hive's in Trino's."""

from typing import Any

from mocklake.athena.sql_text import split_types

_HIVE = {
    "varchar": "string", "integer": "int", "hugeint": "decimal(38,0)", "blob": "binary", "real": "float",
    "timestamp with time zone": "timestamp", "timestamp_ns": "timestamp", "timestamp_s": "timestamp",
    "timestamp_ms": "timestamp", "utinyint": "smallint", "usmallint": "int", "uinteger": "bigint", "uuid": "string",
    "time": "string", "ubigint": "decimal(20,0)", "json": "string", '"null"': "string", "null": "string",
}  # fmt: skip
_TRINO = {
    "string": "varchar", "int": "integer", "float": "real", "binary": "varbinary", "timestamp": "timestamp(3)",
}  # fmt: skip


def hive_type(kind: Any) -> str:
    """Of one of DuckDB's types, nested ones too."""
    match kind.id:
        case "list" | "array":
            return f"array<{hive_type(kind.children[0][1])}>"
        case "map":
            (_, key), (_, value) = kind.children
            return f"map<{hive_type(key)},{hive_type(value)}>"
        case "struct":
            return f"struct<{','.join(f'{name.lower()}:{hive_type(one)}' for name, one in kind.children)}>"
    name = str(kind).lower()
    return _HIVE.get(name, name)


def trino_type(hive: str) -> str:
    """Trino's name of a Hive type."""
    outer, _, inner = hive.partition("<")
    if not inner:
        return _TRINO.get(hive, hive)
    parts = split_types(inner.removesuffix(">"))
    if outer == "struct":
        fields = (part.partition(":") for part in parts)
        return f"row({', '.join(f'{name} {trino_type(kind)}' for name, _, kind in fields)})"
    return f"{outer}({', '.join(trino_type(part) for part in parts)})"
