"""SHOW CREATE TABLE and SHOW CREATE VIEW: the statement that makes what is there.

Sources: Athena User Guide, show-create-table, show-create-view; Apache Hive's ShowCreateTable.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mocklake.athena import catalog_calls
from mocklake.athena.columns import data_columns
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import tables as iceberg_tables
from mocklake.athena.names import TableName
from mocklake.athena.parsing import Statement
from mocklake.athena.results import Result
from mocklake.athena.session import Outcome, Session
from mocklake.athena.show_statements.listings import one_column
from mocklake.athena.statement_reader import StatementReader

_MARKER = re.compile(r"/\* Presto View: (?P<body>[A-Za-z0-9+/=]+) \*/")
_OWN = {"EXTERNAL", "comment"}
_ICEBERGS = {"table_type", "metadata_location", "previous_metadata_location"}


def table(session: Session, statement: Statement) -> Outcome:
    name, found = _found(session, statement, "TABLE")
    if found.get("TableType") == "VIRTUAL_VIEW":
        raise QueryFailedError("FAILED: SemanticException SHOW CREATE TABLE is not for views")
    lines = _iceberg(name, found) if iceberg_tables.is_iceberg(found) else _hive(found)
    return one_column("createtab_stmt", list(lines))


def view(session: Session, statement: Statement) -> Outcome:
    name, found = _found(session, statement, "VIEW")
    match = _MARKER.fullmatch(found.get("ViewOriginalText", "").strip())
    if match is None:
        raise QueryFailedError(
            f"NOT_SUPPORTED: line 1:1: Relation '{name.database}.{name.table}' is not a view"
        )
    sql = json.loads(b64decode(match["body"]))["originalSql"]
    lines = f"CREATE VIEW {name.database}.{name.table} AS\n{sql}".split("\n")
    return Outcome(Result((("Create View", "varchar"),), tuple((line,) for line in lines)))


def _found(session: Session, statement: Statement, kind: str) -> tuple[TableName, dict[str, Any]]:
    reader = StatementReader(statement.text).expect("SHOW", "CREATE", kind)
    name = reader.table(session.database, session.catalog)
    reader.end()
    return name, catalog_calls.table_of(session, name)


def _hive(found: dict[str, Any]) -> Iterator[str]:
    described, parameters = found.get("StorageDescriptor", {}), found.get("Parameters", {})
    serde = described.get("SerdeInfo", {})
    yield f"CREATE EXTERNAL TABLE `{found['DatabaseName']}.{found['Name']}`("
    yield from _columns(data_columns(found))
    if comment := parameters.get("comment") or found.get("Description"):
        yield f"COMMENT {_text(comment)}"
    if found.get("PartitionKeys"):
        yield "PARTITIONED BY ( "
        yield from _columns(found["PartitionKeys"])
    if described.get("BucketColumns"):
        yield "CLUSTERED BY ( "
        yield from _list([f"  {one}" for one in described["BucketColumns"]])
        yield f"INTO {described.get('NumberOfBuckets', 0)} BUCKETS"
    yield "ROW FORMAT SERDE "
    yield f"  {_text(serde.get('SerializationLibrary', ''))} "
    if serde.get("Parameters"):
        yield "WITH SERDEPROPERTIES ( "
        yield from _pairs(serde["Parameters"])
    yield "STORED AS INPUTFORMAT "
    yield f"  {_text(described.get('InputFormat', ''))} "
    yield "OUTPUTFORMAT "
    yield f"  {_text(described.get('OutputFormat', ''))}"
    yield "LOCATION"
    yield f"  {_text(described.get('Location', ''))}"
    kept = {key: value for key, value in parameters.items() if key not in _OWN}
    if kept:
        yield "TBLPROPERTIES ("
        yield from _pairs(kept)


def _iceberg(name: TableName, found: dict[str, Any]) -> Iterator[str]:
    yield f"CREATE TABLE {name.database}.{name.table} ("
    yield from _list([f"  {one['Name']} {one.get('Type', '')}" for one in data_columns(found)])
    yield f"LOCATION {_text(found['StorageDescriptor'].get('Location', ''))}"
    yield "TBLPROPERTIES ("
    kept = {key: value for key, value in found["Parameters"].items() if key not in _ICEBERGS}
    yield from _pairs({"table_type": "iceberg"} | kept)


def _columns(columns: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield from _list([f"  `{one['Name']}` {one.get('Type', 'string')}{_comment(one)}" for one in columns])


def _comment(column: Mapping[str, Any]) -> str:
    return f" COMMENT {_text(column['Comment'])}" if column.get("Comment") else ""


def _pairs(found: Mapping[str, str]) -> Iterator[str]:
    yield from _list([f"  {_text(key)}={_text(value)}" for key, value in sorted(found.items())])


def _list(lines: Sequence[str]) -> Iterator[str]:
    """Joined by commas, closed by a parenthesis."""
    yield from (f"{line}, " for line in lines[:-1])
    yield f"{lines[-1] if lines else ''})"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\x01", "\\u0001")
    return f"'{escaped}'"
