"""Rows written as objects of a table: one for each combination of partition values."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from mocklake.athena.failures import QueryFailedError
from mocklake.athena.reading import duckdb_type
from mocklake.athena.sql_text import literal, quoted
from mocklake.athena.write_statements.query_rows import ROWS, Rows
from mocklake.glue.partition_expressions import NULL_VALUE

_COMPRESSIONS = {"SNAPPY", "GZIP", "ZSTD", "NONE", "UNCOMPRESSED", "LZ4"}
_SAFE = "-_.~ !$'()*,;@+"


@dataclass(frozen=True)
class Layout:
    """How rows become files. `columns` are those of the files, (name, Hive type); `keys` those of the folders."""

    kind: str
    columns: tuple[tuple[str, str], ...]
    keys: tuple[tuple[str, str], ...] = ()
    compression: str = ""
    delimiter: str = "\x01"
    sources: Mapping[str, str] = field(default_factory=dict)
    """The column of the rows that gives a column of the table, all by their own names if empty."""


@dataclass(frozen=True)
class DataFile:
    values: tuple[str, ...]
    folder: str
    name: str
    content: bytes


def written(rows: Rows, layout: Layout, prefix: str) -> Iterator[DataFile]:
    """No file for no rows."""
    if not rows.count:
        return
    sources = [layout.sources.get(name, name) for name, _ in layout.keys]
    for number, part in enumerate(rows.parts(sources)):
        where = " AND ".join(f"{quoted(one)} IS NOT DISTINCT FROM ?" for one in sources)
        texts = tuple(partition_text(value) for value in part)
        folder = "".join(
            f"{name}={quote(text, safe=_SAFE)}/" for (name, _), text in zip(layout.keys, texts, strict=True)
        )
        content, ending = _content(rows, layout, where, list(part))
        yield DataFile(texts, folder, f"{prefix}_{number:05d}_{uuid4().hex[:8]}{ending}", content)


def partition_text(value: Any) -> str:
    """As Hive writes a value into a folder's name."""
    if value is None:
        return NULL_VALUE
    return str(value).lower() if isinstance(value, bool) else str(value)


def selected(layout: Layout) -> str:
    """The columns of a file, in the table's types; NULL for those that the rows do not have."""
    return ", ".join(
        f"CAST({_source(layout, name)} AS {duckdb_type(kind)}) AS {quoted(name)}"
        for name, kind in layout.columns
    )


def _source(layout: Layout, name: str) -> str:
    found = layout.sources.get(name) if layout.sources else name
    return quoted(found) if found else "NULL"


def _content(rows: Rows, layout: Layout, where: str, values: Sequence[Any]) -> tuple[bytes, str]:
    options, ending = _options(layout)
    condition = f" WHERE {where}" if where else ""
    with tempfile.TemporaryDirectory(prefix="mocklake-") as folder:
        path = Path(folder) / "part"
        sql = f"SELECT {selected(layout)} FROM {ROWS}{condition}"  # noqa: S608
        chosen = rows.connection.execute(f"CREATE OR REPLACE TEMP TABLE part AS {sql}", values)
        chosen.execute(f"COPY part TO {literal(str(path))} ({options})")
        return path.read_bytes(), ending


def _options(layout: Layout) -> tuple[str, str]:
    compression = layout.compression.upper() or "GZIP"
    if compression not in _COMPRESSIONS:
        raise QueryFailedError(f"INVALID_TABLE_PROPERTY: Compression {layout.compression} is not supported")
    match layout.kind:
        case "PARQUET":
            name = {"NONE": "UNCOMPRESSED"}.get(compression, compression)
            return f"FORMAT parquet, COMPRESSION {name}", ".parquet"
        case "JSON":
            return "FORMAT json", ".json"
        case "TEXTFILE":
            return f"FORMAT csv, HEADER false, DELIMITER {literal(layout.delimiter)}, NULL '\\N'", ".txt"
    raise QueryFailedError(f"NOT_SUPPORTED: mocklake writes no {layout.kind}")
