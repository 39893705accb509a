"""Rows of a query as files of a table: in which format, where, and with whose rights they are written.

Source: DG:access-control-underlying-data, DG:granting-location-permissions. Who writes into a registered location
holds INSERT or DELETE on the table, or makes a table there; elsewhere the caller's own IAM decides.

Source: Apache Hive, "LanguageManual DDL", row formats and storage formats; Athena User Guide, supported-serdes.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, unquote
from uuid import uuid4

import duckdb
from sqlglot import exp

from mocklake import partitions
from mocklake.athena import engine, queries, sources
from mocklake.athena.duckdb_values import to_hive_type, to_trino_type
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.objects import Storage, to_folder
from mocklake.athena.parsing import parse_query
from mocklake.athena.session import Session
from mocklake.athena.sources import to_duckdb_type
from mocklake.athena.sql_text import CATALOG, TableName, quote_name, write_literal
from mocklake.catalog_ids import full_id
from mocklake.errors import AwsError
from mocklake.glue import access
from mocklake.glue.access import Target
from mocklake.glue.partition_expressions import NULL_VALUE
from mocklake.lakeformation import authority
from mocklake.lakeformation.authority import Viewer
from mocklake.lakeformation.data_locations import require_location
from mocklake.lakeformation.resources import database_resource, table_resource
from mocklake.lakeformation.store import book_of

_NAMED = (exp.Alias, exp.Column, exp.Dot, exp.Star)
ROWS = f"{engine.KEPT}.main.{engine.KEPT}"
_COMPRESSIONS = {"SNAPPY", "GZIP", "ZSTD", "NONE", "UNCOMPRESSED", "LZ4"}
_SAFE = "-_.~ !$'()*,;@+"
T = TypeVar("T")
_HIVE = "org.apache.hadoop.hive"
TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = f"{_HIVE}.ql.io.HiveIgnoreKeyTextOutputFormat"
LAZY_SIMPLE = f"{_HIVE}.serde2.lazy.LazySimpleSerDe"
JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe"
FORMATS = {
    "PARQUET": (
        f"{_HIVE}.ql.io.parquet.MapredParquetInputFormat",
        f"{_HIVE}.ql.io.parquet.MapredParquetOutputFormat",
        f"{_HIVE}.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "ORC": (
        f"{_HIVE}.ql.io.orc.OrcInputFormat", f"{_HIVE}.ql.io.orc.OrcOutputFormat", f"{_HIVE}.ql.io.orc.OrcSerde",
    ),
    "AVRO": (
        f"{_HIVE}.ql.io.avro.AvroContainerInputFormat",
        f"{_HIVE}.ql.io.avro.AvroContainerOutputFormat",
        f"{_HIVE}.serde2.avro.AvroSerDe",
    ),
    "TEXTFILE": (TEXT_INPUT, TEXT_OUTPUT, LAZY_SIMPLE),
    "JSON": (TEXT_INPUT, TEXT_OUTPUT, JSON_SERDE),
    "JSONFILE": (TEXT_INPUT, TEXT_OUTPUT, JSON_SERDE),
}  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """`connection` runs our own statements on `ROWS`; it never sees the caller's SQL."""

    connection: Any
    columns: tuple[tuple[str, str], ...]
    """(name, Hive type) in lower case."""
    scanned: int
    relation: str = ROWS

    def where(self, condition: str) -> "Rows":
        """The rows for which the condition holds."""
        sql = f"CREATE OR REPLACE TEMP VIEW chosen AS SELECT * FROM {ROWS} WHERE {condition}"  # noqa: S608
        self.connection.execute(sql)
        return replace(self, relation="chosen")

    @property
    def trino_types(self) -> tuple[str, ...]:
        return tuple(to_trino_type(kind) for _, kind in self.columns)

    @property
    def count(self) -> int:
        found: int = self.connection.execute(f"SELECT count(*) FROM {self.relation}").fetchone()[0]  # noqa: S608
        return found

    def parts(self, keys: Sequence[str]) -> list[tuple[Any, ...]]:
        """The combinations of values of some columns; one empty one for no columns."""
        if not keys:
            return [()]
        listed = ", ".join(quote_name(key) for key in keys)
        sql = f"SELECT DISTINCT {listed} FROM {self.relation} ORDER BY ALL"  # noqa: S608
        found: list[tuple[Any, ...]] = self.connection.execute(sql).fetchall()
        return found


@contextmanager
def open_query_rows(session: Session, sql: str) -> Iterator[Rows]:
    """Raises QueryFailedError for what the caller may not read, and for columns without a name."""
    _check_names(parse_query(sql))
    with open_stored_rows(session, sql) as rows:
        _check_twice(rows.columns)
        yield rows


@contextmanager
def open_stored_rows(session: Session, sql: str) -> Iterator[Rows]:
    with tempfile.TemporaryDirectory(prefix="mocklake-") as folder:
        path = Path(folder) / "rows"
        outcome = queries.store_rows(session, sql, path)
        with duckdb.connect(config=engine.SETTINGS) as connection:
            connection.execute(f"ATTACH {write_literal(str(path))} AS {engine.KEPT} (READ_ONLY)")
            table = connection.table(ROWS)
            columns = tuple(
                (name.lower(), to_hive_type(kind))
                for name, kind in zip(table.columns, table.types, strict=True)
            )
            yield Rows(connection, columns, outcome.scanned)


def _check_names(tree: exp.Query | exp.Values) -> None:
    for place, one in enumerate(tree.selects, start=1):
        if not isinstance(one, _NAMED):
            raise QueryFailedError(
                f"MISSING_COLUMN_NAME: line 1:8: Column name not specified at position {place}"
            )


def _check_twice(columns: Sequence[tuple[str, str]]) -> None:
    names = [name for name, _ in columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise QueryFailedError(
            f"DUPLICATE_COLUMN_NAME: line 1:1: Column name '{twice}' specified more than once"
        )


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


def write_files(rows: Rows, layout: Layout, prefix: str) -> Iterator[DataFile]:
    """No file for no rows."""
    if not rows.count:
        return
    sources = [layout.sources.get(name, name) for name, _ in layout.keys]
    for number, part in enumerate(rows.parts(sources)):
        where = " AND ".join(f"{quote_name(source)} IS NOT DISTINCT FROM ?" for source in sources)
        texts = tuple(write_partition_value(value) for value in part)
        folder = "".join(
            f"{name}={quote(text, safe=_SAFE)}/" for (name, _), text in zip(layout.keys, texts, strict=True)
        )
        content, ending = _content(rows, layout, where, list(part))
        yield DataFile(texts, folder, f"{prefix}_{number:05d}_{uuid4().hex[:8]}{ending}", content)


def write_partition_value(value: Any) -> str:
    """As Hive writes a value into a folder's name."""
    if value is None:
        return NULL_VALUE
    return str(value).lower() if isinstance(value, bool) else str(value)


def select_columns(layout: Layout) -> str:
    """The columns of a file, in the table's types; NULL for those that the rows do not have."""
    return ", ".join(
        f"CAST({_source(layout, name)} AS {to_duckdb_type(kind)}) AS {quote_name(name)}"
        for name, kind in layout.columns
    )


def _source(layout: Layout, name: str) -> str:
    found = layout.sources.get(name) if layout.sources else name
    return quote_name(found) if found else "NULL"


def _content(rows: Rows, layout: Layout, where: str, values: Sequence[Any]) -> tuple[bytes, str]:
    options, ending = _options(layout)
    condition = f" WHERE {where}" if where else ""
    with tempfile.TemporaryDirectory(prefix="mocklake-") as folder:
        path = Path(folder) / "part"
        sql = f"SELECT {select_columns(layout)} FROM {ROWS}{condition}"  # noqa: S608
        chosen = rows.connection.execute(f"CREATE OR REPLACE TEMP TABLE part AS {sql}", values)
        chosen.execute(f"COPY part TO {write_literal(str(path))} ({options})")
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
            return (
                f"FORMAT csv, HEADER false, DELIMITER {write_literal(layout.delimiter)}, NULL '\\N'",
                ".txt",
            )
    raise QueryFailedError(f"NOT_SUPPORTED: mocklake writes no {layout.kind}")


def reader(session: Session, name: TableName, location: str) -> Storage:
    """As SELECT reads the table's files."""
    return _of_table(session, _target(session, name), location)


def writer(session: Session, name: TableName, location: str, verb: str) -> Storage:
    """`verb` is Lake Formation's INSERT or DELETE; raises QueryFailedError for whom it is not granted."""
    target = _target(session, name)
    viewer = Viewer(session.caller.arn, session.caller.account, target.region)
    resource = table_resource(target.catalog_id, target.database, target.table or "")
    _checked(partial(authority.require, session.world, viewer, verb, resource))
    return _of_table(session, target, location)


def creator(session: Session, name: TableName, location: str) -> Storage:
    """Where a new table's data are written: CREATE_TABLE and, if registered, the location must be the caller's."""
    account, region = session.caller.account, session.caller.region
    catalog_id = account if name.catalog == CATALOG else full_id(name.catalog, account)
    viewer = Viewer(session.caller.arn, account, region)
    resource = database_resource(catalog_id, name.database)
    _checked(partial(authority.require, session.world, viewer, "CREATE_TABLE", resource))
    asked = {"catalog_id": catalog_id, "database": name.database, "location": location}
    _checked(partial(require_location, session.world, viewer, **asked))
    if not session.world.switches.creating_needs_data_location:
        return own(session, location)
    path = partitions.s3_arn(region, location.partition("://")[2])
    book = book_of(session.world, catalog_id, region)
    covering = [one for one in book.locations.values() if path.startswith(one.arn.rstrip("/") + "/")]
    best = max(covering, key=lambda one: len(one.arn), default=None)
    if best is None or best.body["HybridAccessEnabled"]:
        return own(session, location)
    return Storage(to_folder(location), best.body["RoleArn"])


def own(session: Session, location: str) -> Storage:
    """What the caller's own policies open."""
    return Storage(to_folder(location), session.caller.arn)


def partition_folders(storage: Storage, location: str, keys: Sequence[str]) -> dict[tuple[str, ...], str]:
    """The folder of each combination of values below a location, such as `day=mon/`."""
    below = len(location.partition("://")[2].partition("/")[2])
    found: dict[tuple[str, ...], str] = {}
    for key in storage.listing():
        parts = [part.partition("=") for part in key[below:].split("/")[: len(keys)]]
        if [part[0] for part in parts] == list(keys) and key[below:].count("/") >= len(keys):
            folder = "/".join("".join(part) for part in parts) + "/"
            found[tuple(unquote(part[2]) for part in parts)] = folder
    return found


def _of_table(session: Session, target: Target, location: str) -> Storage:
    below = to_folder(location)
    path = partitions.s3_arn(target.region, below.partition("://")[2])
    with session.world.lock:
        role = sources.find_registered_role(session.world, session.caller, target, path)
    return Storage(below, role or session.caller.arn)


def _target(session: Session, name: TableName) -> Target:
    account = session.caller.account
    catalog_id = account if name.catalog == CATALOG else full_id(name.catalog, account)
    region = session.caller.region
    return _checked(partial(access.resolve, session.world, catalog_id, region, name.database, name.table))


def _checked(ask: "partial[T]") -> T:
    try:
        return ask()
    except AwsError as error:
        raise QueryFailedError(error.message) from error


def _folder(location: str) -> str:
    if not location.startswith("s3://") or not location.removeprefix("s3://").partition("/")[0]:
        raise QueryFailedError(f"INVALID_TABLE_PROPERTY: {location!r} is not a valid S3 path")
    return location.rstrip("/") + "/"


def build_storage(kind: str) -> dict[str, Any]:
    """Members of a StorageDescriptor; KeyError for a format that there is not."""
    reads, writes, serde = FORMATS[kind]
    return {
        "InputFormat": reads,
        "OutputFormat": writes,
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": {"serialization.format": "1"}},
    }


def find_format(serde: str) -> str:
    """The format by its SerDe's class; PARQUET for a table that names none."""
    name = serde.lower()
    for part, kind in (
        ("orc", "ORC"),
        ("avro", "AVRO"),
        ("json", "JSON"),
        ("opencsv", "CSV"),
        ("lazysimple", "TEXTFILE"),
    ):
        if part in name.rsplit(".", 1)[-1]:
            return kind
    return "PARQUET"
