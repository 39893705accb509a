"""What a principal may load of a table: its granted columns and rows, and the objects behind them.

Lake Formation decides on columns; then the location decides. A registered location is read as its
registered role, which the producer's bucket must let in; an unregistered one as the caller itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mocklake import glue, lakeformation, partitions
from mocklake.athena import table_references, translation
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import reading as iceberg_reading
from mocklake.athena.objects import File, list_files
from mocklake.athena.sql_text import CATALOG, TableName, list_columns, quote_name, split_types, write_literal
from mocklake.athena.table_references import list_tables
from mocklake.catalog_ids import full_id, owner_of
from mocklake.errors import AwsError
from mocklake.glue import access, encryption
from mocklake.glue.store import find_catalog, find_database, find_table
from mocklake.iam.callers import Caller, identity_decision, refusal
from mocklake.iam.policy_documents import Decision
from mocklake.lakeformation import selections
from mocklake.lakeformation.authority import (
    Viewer,
    granted_columns,
    insufficient,
    reads_as_location,
    sees_database,
    visible_columns,
)
from mocklake.lakeformation.hybrid import registered_at
from mocklake.lakeformation.store import book_of
from mocklake.world import World

_TYPES = {"string": "varchar", "int": "integer", "long": "bigint", "binary": "blob"}


@dataclass(frozen=True)
class Source:
    """`columns` are (name, Glue type) in the table's order, granted ones only."""

    name: TableName
    columns: tuple[tuple[str, str], ...]
    files: tuple[File, ...]
    stored: tuple[tuple[str, str], ...] = ()
    """All columns of the table, as a filter's condition may name one that is not granted."""
    masks: Mapping[str, str] = field(default_factory=dict)
    """The SQL condition without which a column is NULL, by lower-case name."""
    where: str | None = None
    """The SQL condition without which a row is not there."""
    view: "View | None" = None
    """What gives the rows in place of files."""


@dataclass(frozen=True)
class View:
    """A view's text, and the tables that it reads as far as its reader may."""

    text: table_references.ViewText
    sources: tuple[Source, ...]


def load_source(world: World, caller: Caller, name: TableName, *, home: str = "", depth: int = 0) -> Source:
    """Raises QueryFailedError with Lake Formation's, Glue's or S3's reason.

    `home` is the account in whose catalogs the name lies, where it is not the caller's; `depth` counts views.
    """
    base, sign, part = name.table.partition("$")
    whole = _load(world, caller, replace(name, table=base), home=home, depth=depth)
    return _part(world, caller, whole, part, home=home) if sign else whole


def _load(world: World, caller: Caller, name: TableName, *, home: str, depth: int) -> Source:
    try:
        catalog_id = _catalog(world, home or caller.account, caller.region, name)
        _require_links(world, caller, catalog_id, name)
        target = access.resolve(world, catalog_id, caller.region, name.database, name.table)
        granted = granted_columns(
            world, caller.arn, caller.account,
            catalog_id=target.catalog_id, database=target.database, table=target.table or "", region=target.region,
        )  # fmt: skip
        _require_key(world, caller, target)
        table = _get_table(world, target)
    except AwsError as error:
        raise QueryFailedError(_reason(error, name)) from error
    _require_data_access(caller)
    listed = list_columns(table)
    visible = {str(column).lower() for column in granted.columns}
    columns = tuple(
        (one["Name"], one.get("Type", "string")) for one in listed if one["Name"].lower() in visible
    )
    _check_columns(name, [str(one["Name"]) for one in listed])
    view = _view(world, caller, target, name, depth)
    files = _list_files(world, caller, target) if view is None else ()
    seen = (
        selections.list_any_rows
        if world.switches.cells_outside_filters == "null"
        else selections.list_every_row
    )
    masks = {one: selections.write_rows_sql(rows) for one, rows in granted.cells.items()}
    return Source(
        name,
        columns,
        files,
        stored=tuple((one["Name"], one.get("Type", "string")) for one in listed),
        masks={one: mask for one, mask in masks.items() if mask is not None},
        where=selections.write_rows_sql(seen(granted.cells)),
        view=view,
    )


def _part(world: World, caller: Caller, whole: Source, part: str, *, home: str) -> Source:
    """`table$part` of what the caller may read: another snapshot, or what the metadata say of all of it."""
    name = replace(whole.name, table=f"{whole.name.table}${part}")
    catalog_id = _catalog(world, home or caller.account, caller.region, name)
    target = access.resolve(world, catalog_id, caller.region, name.database, whole.name.table)
    table = find_table(world, target.catalog_id, target.region, target.database, target.table or "")
    if table is None or not iceberg_reading.is_read_by_metadata(table):
        place = f"{name.catalog}.{name.database}.{name.table}"
        raise QueryFailedError(f"TABLE_NOT_FOUND: line 1:1: Table '{place}' does not exist")
    columns, files = iceberg_reading.read_part(
        table, lambda arn: find_registered_role(world, caller, target, arn) or caller.arn, part
    )
    if columns is None:
        return replace(whole, name=name, files=files)
    if whole.where is not None or whole.masks or whole.columns != whole.stored:
        raise QueryFailedError(insufficient("Select", whole.name.table).message)
    return Source(name, columns, files, stored=columns)


def _catalog(world: World, account: str, region: str, name: TableName) -> str:
    catalog_id = account if name.catalog == CATALOG else full_id(name.catalog, account)
    if catalog_id != account and find_catalog(world, catalog_id, region) is None:
        raise QueryFailedError(f"CATALOG_NOT_FOUND: line 1:1: Catalog '{name.catalog}' does not exist")
    return catalog_id


def _require_links(world: World, caller: Caller, catalog_id: str, name: TableName) -> None:
    """A link needs DESCRIBE of its own, whatever is held on its target (DG:granting-link-permissions)."""
    viewer, place = (
        Viewer(caller.arn, caller.account, caller.region),
        (catalog_id, caller.region, name.database),
    )
    database, table = find_database(world, *place), find_table(world, *place, name.table)
    named = {"catalog_id": catalog_id, "database": name.database}
    if database is not None and database.link is not None and not sees_database(world, viewer, **named):
        raise insufficient("Describe", name.database)
    is_link = table is not None and table.link is not None
    if is_link and visible_columns(world, viewer, **named, table=name.table) is None:
        raise insufficient("Describe", name.table)


def _check_columns(name: TableName, columns: list[str]) -> None:
    """Glue takes what Athena then refuses (Athena User Guide, troubleshooting)."""
    if len({column.lower() for column in columns}) < len(columns):
        text = f"Hive metadata for table {name.table} is invalid: Table descriptor contains duplicate columns"
        raise QueryFailedError(f"HIVE_INVALID_METADATA: {text}")


def _view(world: World, caller: Caller, target: Any, name: TableName, depth: int) -> View | None:
    """None for what is no view."""
    table = find_table(world, target.catalog_id, target.region, target.database, target.table)
    text = table_references.read_view(table, target.database) if table else None
    if text is None:
        return None
    if depth >= table_references.DEEPEST:
        raise QueryFailedError(f"VIEW_IS_RECURSIVE: line 1:1: View {name.database}.{name.table} is too deep")
    reader, home = table_references.get_reader(text, caller, target), owner_of(target.catalog_id)
    sql = translation.to_duckdb(table_references.parse_view(text), {})
    names = sorted(list_tables(sql, text.database))
    return View(text, tuple(load_source(world, reader, one, home=home, depth=depth + 1) for one in names))


def _reason(error: AwsError, name: TableName) -> str:
    if error.code == "EntityNotFoundException" and error.message.startswith("Database"):
        return f"SCHEMA_NOT_FOUND: line 1:1: Schema '{name.database}' does not exist"
    if error.code == "EntityNotFoundException":
        return (
            f"TABLE_NOT_FOUND: line 1:1: Table '{name.catalog}.{name.database}.{name.table}' does not exist"
        )
    return error.message


def _get_table(world: World, target: Any) -> dict[str, Any]:
    account = owner_of(target.catalog_id)
    owner = partitions.root_arn(account, target.region)
    caller = Caller(account, target.region, owner, owner, "athena")
    asked = {"CatalogId": target.catalog_id, "DatabaseName": target.database, "Name": target.table}
    table: dict[str, Any] = glue.HANDLERS["GetTable"](world, caller, asked)["Table"]
    return table


def _require_key(world: World, caller: Caller, target: Any) -> None:
    """Athena reads the catalog as its caller, who needs the key that the table's metadata is encrypted with."""
    table = find_table(world, target.catalog_id, target.region, target.database, target.table)
    if table is not None:
        encryption.check_read(world, caller, target.catalog_id, target.region, table.updated_at)


def _require_data_access(caller: Caller) -> None:
    for action in ("glue:GetTable", "lakeformation:GetDataAccess"):
        decision = identity_decision(caller.arn, action, None)
        if decision is not Decision.ALLOW:
            raise QueryFailedError(refusal(caller.session_arn, action, "*", decision))


def _list_files(world: World, caller: Caller, target: Any) -> tuple[File, ...]:
    table = find_table(world, target.catalog_id, target.region, target.database, target.table)
    if table is None:
        return ()

    def reader_of(arn: str) -> str:
        return find_registered_role(world, caller, target, arn) or caller.arn

    read = iceberg_reading.list_files if iceberg_reading.is_read_by_metadata(table) else list_files
    return read(table, reader_of)


def find_registered_role(world: World, asking: Caller, target: Any, arn: str) -> str | None:
    """The role of the longest registered location that the path lies in, in the catalog's own account.

    None for whom hybrid access leaves to IAM.
    """
    viewer = Viewer(asking.arn, asking.account, target.region)
    place = {"catalog_id": target.catalog_id, "database": target.database, "table": target.table}
    if not reads_as_location(world, viewer, **place):
        return None
    account = owner_of(target.catalog_id)
    owner = partitions.root_arn(account, target.region)
    caller = Caller(account, target.region, owner, owner, "athena")
    listed = lakeformation.HANDLERS["ListResources"](world, caller, {})["ResourceInfoList"]
    covering = [one for one in listed if _lies_in(arn, one["ResourceArn"])]
    best = max(covering, key=lambda one: len(one["ResourceArn"]), default=None)
    if best is None:
        table = find_table(world, target.catalog_id, target.region, target.database, target.table)
        bucket = registered_at(book_of(world, target.catalog_id, target.region), table)
        best = bucket.body if bucket else {}
    return best.get("RoleArn")


def _lies_in(arn: str, registered: str) -> bool:
    folder = registered.rstrip("/") + "/"
    return arn.startswith(folder) or arn.rstrip("/") + "/" == folder


def to_duckdb_type(kind: str) -> str:
    """Takes a Glue type, nested ones too: `array<int>`, `map<string,int>`, `struct<a:int,b:array<string>>`."""
    outer, _, inner = kind.strip().partition("<")
    parts = split_types(inner.removesuffix(">"))
    match outer.strip().lower():
        case "array" if inner:
            return f"{to_duckdb_type(parts[0])}[]"
        case "map" if len(parts) > 1:
            return f"MAP({to_duckdb_type(parts[0])}, {to_duckdb_type(parts[1])})"
        case "struct" if inner:
            named = (part.partition(":") for part in parts)
            return (
                f"STRUCT({', '.join(f'{quote_name(name)} {to_duckdb_type(one)}' for name, _, one in named)})"
            )
    return _TYPES.get(kind.lower(), kind)


def read_relation(connection: Any, source: Source, file: File, path: str) -> Any:
    """The partition's value prevails over a stored column of the key's name. Raises duckdb.Error."""
    types = {name.lower(): kind for name, kind in (*source.stored, *source.columns)}
    found = _read(connection, source, file, path)
    if not file.keys:
        return found
    kept = [quote_name(name) for name in found.columns if name.lower() not in file.keys]
    given = [
        f"CAST({write_literal(value)} AS {to_duckdb_type(types[key])}) AS {quote_name(key)}"
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
        listed = ", ".join(
            f"{write_literal(name)}: {write_literal(to_duckdb_type(kind))}" for name, kind in data
        )
        options = f"format = 'newline_delimited', columns = {{{listed}}}"
        return connection.sql(f"SELECT * FROM read_json({write_literal(path)}, {options})")  # noqa: S608
    texts = ", ".join(f"{write_literal(name)}: 'varchar'" for name, _ in data)
    form = f"delim = {write_literal(file.form.delimiter)}, quote = {write_literal(file.form.quote)}, skip = {file.form.skipped}"
    form += f", nullstr = {write_literal(file.form.null)}" if file.form.null else ""
    options = f"{form}, header = false, null_padding = true, auto_detect = false, columns = {{{texts}}}"
    casts = ", ".join(
        f"TRY_CAST({quote_name(name)} AS {to_duckdb_type(kind)}) AS {quote_name(name)}" for name, kind in data
    )
    # unless it is materialized DuckDB moves the casts into its reader, which fails instead of giving NULL
    raw = f"WITH raw AS MATERIALIZED (SELECT * FROM read_csv({write_literal(path)}, {options}))"  # noqa: S608
    return connection.sql(f"{raw} SELECT {casts} FROM raw")  # noqa: S608


def _by_field_ids(source: Source, file: File, path: str) -> str:
    """A column that was added after the file was written is NULL."""
    kinds = {name.lower(): kind for name, kind in source.stored}
    named = ((number, name) for number, name in file.form.fields if name.lower() in kinds)
    fields = ", ".join(
        f"{number}: {{name: {write_literal(name)}, type: {write_literal(to_duckdb_type(kinds[name.lower()]))}, default_value: NULL}}"
        for number, name in named
    )
    return f"SELECT * FROM read_parquet({write_literal(path)}, schema = MAP {{{fields}}})"  # noqa: S608
