"""Data files of Iceberg tables: Parquet with field ids, one for each partition."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from mocklake.athena.iceberg import metadata as table_metadata
from mocklake.athena.iceberg import schemas, transforms
from mocklake.athena.iceberg.manifests import DataFile
from mocklake.athena.iceberg.metadata import Metadata
from mocklake.athena.reading import duckdb_type
from mocklake.athena.s3_storage import Storage
from mocklake.athena.sql_text import literal, quoted
from mocklake.athena.write_statements.query_rows import Rows

Part = tuple[tuple[str, Any], ...]


def write(rows: Rows, metadata: Metadata, place: Storage, by_place: Mapping[str, str]) -> list[DataFile]:
    """`by_place` names the column of the rows for each of the table, all alike if empty."""
    if not rows.count:
        return []
    schema, spec = table_metadata.schema_of(metadata), table_metadata.spec_of(metadata)
    sources = by_place or {name: name for name, _ in rows.columns}
    names = {one["id"]: one["name"] for one in schema["fields"]}
    keys = [(one["name"], one["transform"], sources.get(names[one["source-id"]])) for one in spec["fields"]]
    _number_parts(rows, keys)
    found = []
    for number, part in enumerate(_parts(rows, keys)):
        content, records = _parquet(rows, schema, sources, number)
        folder = "".join(f"{name}={value}/" for name, value in part)
        path = place.put(f"{place.prefix}data/{folder}{uuid4()}.parquet", content)
        found.append(DataFile(path, records, len(content), dict(part), spec_id=spec["spec-id"]))
    return found


def _parts(rows: Rows, keys: list[tuple[str, str, str | None]]) -> list[Part]:
    sources = [source for _, _, source in keys if source]
    return list(dict.fromkeys(_part(values, keys) for values in rows.parts(sources)))


def _part(values: tuple[Any, ...], keys: list[tuple[str, str, str | None]]) -> Part:
    given = iter(values)
    return tuple((name, transforms.apply(how, next(given) if source else None)) for name, how, source in keys)


def _number_parts(rows: Rows, keys: list[tuple[str, str, str | None]]) -> None:
    """`numbered` gives each row the number of its partition."""
    sources = [source for _, _, source in keys if source]
    rows.connection.execute("DROP TABLE IF EXISTS numbered")
    if not sources:
        rows.connection.execute(f'CREATE TEMP TABLE numbered AS SELECT *, 0 AS "$part" FROM {rows.relation}')  # noqa: S608
        return
    numbers = {part: number for number, part in enumerate(_parts(rows, keys))}
    listed = ", ".join(quoted(one) for one in sources)
    sql = (
        f'CREATE OR REPLACE TEMP TABLE part_of AS SELECT DISTINCT {listed}, 0 AS "$part" FROM {rows.relation}'  # noqa: S608
    )
    rows.connection.execute(sql)
    where = " AND ".join(f"{quoted(one)} IS NOT DISTINCT FROM ?" for one in sources)
    for values in rows.parts(sources):
        update = f'UPDATE part_of SET "$part" = ? WHERE {where}'  # noqa: S608
        rows.connection.execute(update, [numbers[_part(values, keys)], *values])
    joined = " AND ".join(f"a.{quoted(one)} IS NOT DISTINCT FROM b.{quoted(one)}" for one in sources)
    sql = f'CREATE TEMP TABLE numbered AS SELECT a.*, b."$part" FROM {rows.relation} a JOIN part_of b ON {joined}'  # noqa: S608
    rows.connection.execute(sql)


def _parquet(rows: Rows, schema: dict[str, Any], sources: Mapping[str, str], part: int) -> tuple[bytes, int]:
    columns = ", ".join(_cast(one, sources) for one in schema["fields"])
    with tempfile.TemporaryDirectory(prefix="mocklake-") as folder:
        path = Path(folder) / "part"
        sql = f'SELECT {columns} FROM numbered WHERE "$part" = {part}'  # noqa: S608
        options = f"FORMAT parquet, COMPRESSION zstd, FIELD_IDS {schemas.field_ids(schema)}"
        done = rows.connection.execute(f"COPY ({sql}) TO {literal(str(path))} ({options})").fetchone()
        return path.read_bytes(), int(done[0])


def _cast(field: dict[str, Any], sources: Mapping[str, str]) -> str:
    kind = duckdb_type(schemas.hive_type(field["type"]))
    name = sources.get(field["name"])
    return f"CAST({quoted(name) if name else 'NULL'} AS {kind}) AS {quoted(field['name'])}"
