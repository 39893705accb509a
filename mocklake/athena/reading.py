"""One object as a relation of DuckDB: Parquet, CSV or JSON lines, with its partition's values as columns."""

from typing import Any

from mocklake.athena.objects import File
from mocklake.athena.sources import Source
from mocklake.athena.sql_text import literal, quoted, split_types

_TYPES = {"string": "varchar", "int": "integer", "long": "bigint", "binary": "blob"}


def duckdb_type(kind: str) -> str:
    """Of a Glue type, nested ones too: `array<int>`, `map<string,int>`, `struct<a:int,b:array<string>>`."""
    outer, _, inner = kind.strip().partition("<")
    parts = split_types(inner.removesuffix(">"))
    match outer.strip().lower():
        case "array" if inner:
            return f"{duckdb_type(parts[0])}[]"
        case "map" if len(parts) > 1:
            return f"MAP({duckdb_type(parts[0])}, {duckdb_type(parts[1])})"
        case "struct" if inner:
            named = (part.partition(":") for part in parts)
            return f"STRUCT({', '.join(f'{quoted(name)} {duckdb_type(one)}' for name, _, one in named)})"
    return _TYPES.get(kind.lower(), kind)


def relation(connection: Any, source: Source, file: File, path: str) -> Any:
    """The partition's value prevails over a stored column of the key's name. Raises duckdb.Error."""
    types = {name.lower(): kind for name, kind in (*source.stored, *source.columns)}
    found = _read(connection, source, file, path)
    if not file.keys:
        return found
    kept = [quoted(name) for name in found.columns if name.lower() not in file.keys]
    given = [
        f"CAST({literal(value)} AS {duckdb_type(types[key])}) AS {quoted(key)}"
        for key, value in file.keys.items()
        if key in types
    ]
    return found.project(", ".join(kept + given))


def _read(connection: Any, source: Source, file: File, path: str) -> Any:
    """Values of a CSV that do not fit their column are NULL, as Hive's SerDes read them."""
    if file.form.fields:
        return connection.sql(_by_field_ids(source, file, path))
    if file.form.kind == "parquet":
        return connection.read_parquet(path, hive_partitioning=False)
    data = [(name, kind) for name, kind in source.stored if name.lower() not in file.keys]
    if file.form.kind == "json":
        listed = ", ".join(f"{literal(name)}: {literal(duckdb_type(kind))}" for name, kind in data)
        options = f"format = 'newline_delimited', columns = {{{listed}}}"
        return connection.sql(f"SELECT * FROM read_json({literal(path)}, {options})")  # noqa: S608
    texts = ", ".join(f"{literal(name)}: 'varchar'" for name, _ in data)
    form = f"delim = {literal(file.form.delimiter)}, quote = {literal(file.form.quote)}, skip = {file.form.skipped}"
    form += f", nullstr = {literal(file.form.null)}" if file.form.null else ""
    options = f"{form}, header = false, null_padding = true, auto_detect = false, columns = {{{texts}}}"
    casts = ", ".join(
        f"TRY_CAST({quoted(name)} AS {duckdb_type(kind)}) AS {quoted(name)}" for name, kind in data
    )
    # unless it is materialized DuckDB moves the casts into its reader, which fails instead of giving NULL
    raw = f"WITH raw AS MATERIALIZED (SELECT * FROM read_csv({literal(path)}, {options}))"  # noqa: S608
    return connection.sql(f"{raw} SELECT {casts} FROM raw")  # noqa: S608


def _by_field_ids(source: Source, file: File, path: str) -> str:
    """A column that was added after the file was written is NULL."""
    kinds = {name.lower(): kind for name, kind in source.stored}
    named = ((number, name) for number, name in file.form.fields if name.lower() in kinds)
    fields = ", ".join(
        f"{number}: {{name: {literal(name)}, type: {literal(duckdb_type(kinds[name.lower()]))}, default_value: NULL}}"
        for number, name in named
    )
    return f"SELECT * FROM read_parquet({literal(path)}, schema = MAP {{{fields}}})"  # noqa: S608
