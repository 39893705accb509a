"""What an object holds, found by looking into it: Parquet, JSON lines or CSV, and the columns in Glue's types.

Sources: Glue Developer Guide, add-classifier (CSV needs two columns; without a heading they are col0, col1 …).
Assumed: whole numbers are bigint in CSV and JSON, and dates in them stay strings.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

_PARQUET = {"integer": "int", "varchar": "string", "blob": "binary", "hugeint": "decimal(38,0)",
            "timestamp with time zone": "timestamp", "timestamp_ns": "timestamp", "timestamp_ms": "timestamp",
            "timestamp_s": "timestamp", "utinyint": "smallint", "usmallint": "int", "uinteger": "bigint"}  # fmt: skip
_TEXTUAL = _PARQUET | {"integer": "bigint", "date": "string", "timestamp": "string", "time": "string", "uuid": "string",
                       "decimal": "double", "float": "double", "timestamp with time zone": "string",
                       "json": "string"}  # fmt: skip
_SNIFF = 64 * 1024


@dataclass(frozen=True)
class Schema:
    """`kind` is Glue's classification; `delimiter` and `heading` are CSV's."""

    kind: str
    columns: tuple[tuple[str, str], ...]
    delimiter: str = ""
    heading: bool = False

    def resembles(self, other: "Schema") -> bool:
        """Whether both are of one table: the same format, and most columns in common (assumed: seven in ten)."""
        own, theirs = {name for name, _ in self.columns}, {name for name, _ in other.columns}
        alike = (self.kind, self.delimiter) == (other.kind, other.delimiter)
        return alike and len(own & theirs) * 10 >= len(own | theirs) * 7

    def united(self, other: "Schema") -> "Schema":
        """The columns of both; one that has two types is a string."""
        types = dict(self.columns)
        for name, kind in other.columns:
            types[name] = kind if types.get(name, kind) == kind else _wider(types[name], kind)
        return Schema(self.kind, tuple(types.items()), self.delimiter, self.heading)


def of(content: bytes) -> Schema | None:
    """None for what is none of the three."""
    with (
        tempfile.TemporaryDirectory(prefix="mocklake-") as folder,
        duckdb.connect(config={"threads": "1"}) as db,
    ):
        path = Path(folder) / "object"
        path.write_bytes(content)
        try:
            if content[:4] == b"PAR1":
                return Schema("parquet", _columns(db.read_parquet(str(path)), _PARQUET))
            if content[:_SNIFF].lstrip()[:1] in (b"{", b"["):
                return _json(db, path)
            return _csv(db, path) if b"\0" not in content[:_SNIFF] else None
        except duckdb.Error:
            return None


def _json(db: Any, path: Path) -> Schema:
    relation = db.sql(f"SELECT * FROM read_json('{path}', format = 'newline_delimited')")  # noqa: S608
    return Schema("json", _columns(relation, _TEXTUAL))


def _csv(db: Any, path: Path) -> Schema | None:
    row = db.execute(f"SELECT Delimiter, HasHeader FROM sniff_csv('{path}')").fetchone()  # noqa: S608
    delimiter, heading = row
    relation = db.read_csv(str(path), header=heading, delimiter=delimiter)
    columns = _columns(relation, _TEXTUAL)
    if len(columns) < 2:  # noqa: PLR2004
        return None
    if not heading:
        columns = tuple((f"col{number}", kind) for number, (_, kind) in enumerate(columns))
    return Schema("csv", columns, delimiter, bool(heading))


def _columns(relation: Any, names: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (str(name).lower(), _type(kind, names))
        for name, kind in zip(relation.columns, relation.types, strict=True)
    )


def _type(kind: Any, names: dict[str, str]) -> str:
    """DuckDB's type in Glue's words."""
    if kind.id in ("list", "array"):
        return f"array<{_type(kind.children[0][1], names)}>"
    if kind.id == "struct":
        return f"struct<{','.join(f'{name}:{_type(one, names)}' for name, one in kind.children)}>"
    if kind.id == "map":
        return "map<{},{}>".format(*(_type(one, names) for _, one in kind.children))
    if kind.id == "decimal" and "decimal" not in names:
        return str(kind).lower()
    return names.get(str(kind.id), str(kind.id))


def _wider(one: str, other: str) -> str:
    numbers = ["tinyint", "smallint", "int", "bigint", "double"]
    if one in numbers and other in numbers:
        return max(one, other, key=numbers.index)
    return "string"
