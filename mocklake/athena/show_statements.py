"""SHOW and DESCRIBE: what Glue shows the caller, cut as Lake Formation cuts it.

Source: Athena User Guide, "DDL statements" (show-columns, show-databases, show-partitions, show-tables,
show-tblproperties, show-views). Rows have no heading.

Sources: Athena User Guide, describe-table, describe-view; Apache Hive's MetaDataFormatUtils.

Sources: Athena User Guide, show-create-table, show-create-view; Apache Hive's ShowCreateTable.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from mocklake.athena import catalog_calls
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import tables as iceberg_tables
from mocklake.athena.parsing import Statement
from mocklake.athena.session import Outcome, Result, Session
from mocklake.athena.sql_text import TableName, list_columns, list_data_columns
from mocklake.athena.statement_reader import StatementReader

WIDTH = 20
_HEADING = ("# col_name            ", "data_type", "comment")
_BLANK = ("", " ", " ")
_COLUMNS = tuple((name, "string") for name in ("col_name", "data_type", "comment"))
Line = tuple[str, str, str]
_MARKER = re.compile(r"/\* Presto View: (?P<body>[A-Za-z0-9+/=]+) \*/")
_OWN = {"EXTERNAL", "comment"}
_ICEBERGS = {"table_type", "metadata_location", "previous_metadata_location"}


def show_databases(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("SHOW")
    reader.choice("DATABASES", "SCHEMAS")
    pattern = _pattern(reader)
    found = catalog_calls.listed(session, "GetDatabases", "DatabaseList", catalog=session.catalog)
    return build_one_column("database_name", _like([one["Name"] for one in found], pattern))


def show_tables(session: Session, statement: Statement) -> Outcome:
    """Views too."""
    reader = StatementReader(statement.text).expect("SHOW", "TABLES")
    return build_one_column("tab_name", _names(session, reader, only_views=False))


def show_views(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("SHOW", "VIEWS")
    return build_one_column("views", _names(session, reader, only_views=True))


def show_columns(session: Session, statement: Statement) -> Outcome:
    """`IN table IN database` or `IN database.table`."""
    reader = StatementReader(statement.text).expect("SHOW", "COLUMNS")
    reader.choice("IN", "FROM")
    path = reader.path()
    if reader.accept("IN") or reader.accept("FROM"):
        path = [*reader.path(), *path]
    reader.end()
    table = catalog_calls.table_of(session, _table_name(session, path))
    return build_one_column("field", [column["Name"] for column in list_columns(table)])


def show_partitions(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("SHOW", "PARTITIONS")
    name = reader.table(session.database, session.catalog)
    reader.end()
    keys = [
        partition_key["Name"]
        for partition_key in catalog_calls.table_of(session, name).get("PartitionKeys", [])
    ]
    if not keys:
        text = f"Table {name.database}.{name.table} is not a partitioned table"
        raise QueryFailedError(f"FAILED: Execution Error, return code 1. {text}")
    found = catalog_calls.listed(
        session, "GetPartitions", "Partitions", catalog=name.catalog, DatabaseName=name.database,
        TableName=name.table,
    )  # fmt: skip
    rows = ["/".join(_part(*pair) for pair in zip(keys, one["Values"], strict=True)) for one in found]
    return build_one_column("partition", sorted(rows))


def show_table_properties(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("SHOW", "TBLPROPERTIES")
    name = reader.table(session.database, session.catalog)
    wanted = ""
    if reader.accept("("):
        wanted = reader.text()
        reader.expect(")")
    reader.end()
    found = catalog_calls.table_of(session, name).get("Parameters", {})
    if wanted and wanted not in found:
        text = f"Table {name.database}.{name.table} does not have property: {wanted}"
        return build_one_column("prpt_name", [text])
    rows = tuple((f"{key}\t{value}",) for key, value in sorted(found.items()) if wanted in ("", key))
    return Outcome(Result((("prpt_name", "string"), ("prpt_value", "string")), rows))


def build_one_column(name: str, values: list[str]) -> Outcome:
    return Outcome(Result(((name, "string"),), tuple((value,) for value in values)))


def _names(session: Session, reader: StatementReader, *, only_views: bool) -> list[str]:
    path = reader.path() if reader.accept("IN") or reader.accept("FROM") else [session.database]
    pattern = _pattern(reader)
    catalog, database = ([session.catalog, *path])[-2:]
    if not database:
        raise QueryFailedError("FAILED: SemanticException no database is named")
    catalog_calls.call(session, "GetDatabase", catalog=catalog, Name=database)
    found = catalog_calls.listed(session, "GetTables", "TableList", catalog=catalog, DatabaseName=database)
    chosen = (one for one in found if not only_views or one.get("TableType") == "VIRTUAL_VIEW")
    return _like([one["Name"] for one in chosen], pattern)


def _table_name(session: Session, path: list[str]) -> TableName:
    catalog, database, table = [session.catalog, session.database][: 3 - len(path)] + path
    if not database:
        raise QueryFailedError("FAILED: SemanticException no database is named")
    return TableName(database.lower(), table, catalog)


def _pattern(reader: StatementReader) -> str:
    """Empty where none is given."""
    is_named = reader.accept("LIKE")
    found = "" if reader.is_at_end and not is_named else reader.text()
    reader.end()
    return found


def _like(names: list[str], pattern: str) -> list[str]:
    """Hive's pattern: `*` is any run of characters, `|` an alternative."""
    if not pattern:
        return names
    parts = [".*".join(re.escape(one) for one in part.split("*")) for part in pattern.lower().split("|")]
    return [name for name in names if any(re.fullmatch(part, name) for part in parts)]


def _part(key: str, value: str) -> str:
    return f"{key}={quote(value, safe=_SAFE)}"


_SAFE = "-_.~ !$'()*,;@+"


def describe_table(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text)
    reader.choice("DESCRIBE", "DESC")
    detail = next((word for word in ("EXTENDED", "FORMATTED") if reader.accept(word)), "")
    name = reader.table(session.database, session.catalog)
    if reader.accept("PARTITION"):
        reader.pairs()
    column = reader.name() if not reader.is_at_end else ""
    reader.end()
    found = catalog_calls.table_of(session, name)
    lines = list(_lines(found, heading=detail == "FORMATTED"))
    if column:
        lines = [line for line in lines if line[0] == column][:1]
        if not lines:
            raise QueryFailedError(
                f"FAILED: SemanticException [Error 10002]: Invalid column reference {column}"
            )
    rows = [pad_line(line) for line in lines]
    if detail == "FORMATTED":
        rows += list(_formatted(found))
    if detail == "EXTENDED":
        rows += ["\t \t ", f"Detailed Table Information\t{_extended(found)}\t"]
    return Outcome(Result(_COLUMNS, tuple((row,) for row in rows)))


def describe_view(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text)
    reader.choice("DESCRIBE", "DESC")
    name = reader.expect("VIEW").table(session.database, session.catalog)
    reader.end()
    found = catalog_calls.table_of(session, name)
    rows = tuple((pad_line(_line(column)),) for column in list_columns(found))
    return Outcome(Result(_COLUMNS, rows))


def pad_line(line: Line) -> str:
    """Cells of one blank, as in empty lines, stay so."""
    return "\t".join(line if line[1:] == _BLANK[1:] else [text.ljust(WIDTH) for text in line])


def _lines(found: dict[str, Any], *, heading: bool) -> Iterator[Line]:
    keys = found.get("PartitionKeys", [])
    if heading:
        yield _HEADING
        yield _BLANK
    yield from (
        _line(data_column) for data_column in (list_data_columns(found) if heading else list_columns(found))
    )
    if keys:
        yield _BLANK
        yield ("# Partition Information", " ", " ")
        yield _HEADING
        yield _BLANK
        yield from (_line(key) for key in keys)


def _line(column: dict[str, Any]) -> Line:
    return column["Name"], column.get("Type", ""), column.get("Comment", "")


def _formatted(found: dict[str, Any]) -> Iterator[str]:
    described = found.get("StorageDescriptor", {})
    serde = described.get("SerdeInfo", {})
    yield from ("\t\t", "# Detailed Table Information\t\t")
    yield from (
        _pair("Database:", found.get("DatabaseName", "")),
        _pair("Owner:", found.get("Owner", "hadoop")),
        _pair("CreateTime:", f"{found['CreateTime']:%a %b %d %H:%M:%S UTC %Y}"),
        _pair("Location:", described.get("Location", "")),
        _pair("Table Type:", found.get("TableType", "")),
        _pair("Table Parameters:", ""),
    )
    yield from _parameters(found.get("Parameters", {}))
    yield from ("\t\t", "# Storage Information\t\t")
    yield from (
        _pair("SerDe Library:", serde.get("SerializationLibrary", "")),
        _pair("InputFormat:", described.get("InputFormat", "")),
        _pair("OutputFormat:", described.get("OutputFormat", "")),
        _pair("Storage Desc Params:", ""),
    )
    yield from _parameters(serde.get("Parameters", {}))


def _parameters(given: dict[str, str]) -> Iterator[str]:
    for key, value in sorted(given.items()):
        yield f"\t{key.ljust(WIDTH)}\t{value.ljust(WIDTH)}"


def _pair(name: str, value: str) -> str:
    return f"{name.ljust(WIDTH)}\t{value.ljust(WIDTH)}\t"


def _extended(found: dict[str, Any]) -> str:
    described = found.get("StorageDescriptor", {})
    columns = ", ".join(
        f"FieldSchema(name:{column['Name']}, type:{column.get('Type', '')}, comment:{column.get('Comment')})"
        for column in list_columns(found)
    )
    parameters = ", ".join(f"{key}={value}" for key, value in sorted(found.get("Parameters", {}).items()))
    storage = f"cols:[{columns}], location:{described.get('Location', '')}, inputFormat:{described.get('InputFormat', '')}"
    return (
        f"Table(tableName:{found['Name']}, dbName:{found.get('DatabaseName', '')}, owner:{found.get('Owner', 'hadoop')}, "
        f"sd:StorageDescriptor({storage}), parameters:{{{parameters}}}, tableType:{found.get('TableType', '')})"
    )


def show_create_table(session: Session, statement: Statement) -> Outcome:
    name, found = _find_table(session, statement, "TABLE")
    if found.get("TableType") == "VIRTUAL_VIEW":
        raise QueryFailedError("FAILED: SemanticException SHOW CREATE TABLE is not for views")
    lines = _iceberg(name, found) if iceberg_tables.is_iceberg(found) else _hive(found)
    return build_one_column("createtab_stmt", list(lines))


def show_create_view(session: Session, statement: Statement) -> Outcome:
    name, found = _find_table(session, statement, "VIEW")
    match = _MARKER.fullmatch(found.get("ViewOriginalText", "").strip())
    if match is None:
        raise QueryFailedError(
            f"NOT_SUPPORTED: line 1:1: Relation '{name.database}.{name.table}' is not a view"
        )
    sql = json.loads(b64decode(match["body"]))["originalSql"]
    lines = f"CREATE VIEW {name.database}.{name.table} AS\n{sql}".split("\n")
    return Outcome(Result((("Create View", "varchar"),), tuple((line,) for line in lines)))


def _find_table(session: Session, statement: Statement, kind: str) -> tuple[TableName, dict[str, Any]]:
    reader = StatementReader(statement.text).expect("SHOW", "CREATE", kind)
    name = reader.table(session.database, session.catalog)
    reader.end()
    return name, catalog_calls.table_of(session, name)


def _hive(found: dict[str, Any]) -> Iterator[str]:
    described, parameters = found.get("StorageDescriptor", {}), found.get("Parameters", {})
    serde = described.get("SerdeInfo", {})
    yield f"CREATE EXTERNAL TABLE `{found['DatabaseName']}.{found['Name']}`("
    yield from _columns(list_data_columns(found))
    if comment := parameters.get("comment") or found.get("Description"):
        yield f"COMMENT {_quote_text(comment)}"
    if found.get("PartitionKeys"):
        yield "PARTITIONED BY ( "
        yield from _columns(found["PartitionKeys"])
    if described.get("BucketColumns"):
        yield "CLUSTERED BY ( "
        yield from _list([f"  {bucket_column}" for bucket_column in described["BucketColumns"]])
        yield f"INTO {described.get('NumberOfBuckets', 0)} BUCKETS"
    yield "ROW FORMAT SERDE "
    yield f"  {_quote_text(serde.get('SerializationLibrary', ''))} "
    if serde.get("Parameters"):
        yield "WITH SERDEPROPERTIES ( "
        yield from _pairs(serde["Parameters"])
    yield "STORED AS INPUTFORMAT "
    yield f"  {_quote_text(described.get('InputFormat', ''))} "
    yield "OUTPUTFORMAT "
    yield f"  {_quote_text(described.get('OutputFormat', ''))}"
    yield "LOCATION"
    yield f"  {_quote_text(described.get('Location', ''))}"
    kept = {key: value for key, value in parameters.items() if key not in _OWN}
    if kept:
        yield "TBLPROPERTIES ("
        yield from _pairs(kept)


def _iceberg(name: TableName, found: dict[str, Any]) -> Iterator[str]:
    yield f"CREATE TABLE {name.database}.{name.table} ("
    yield from _list(
        [f"  {data_column['Name']} {data_column.get('Type', '')}" for data_column in list_data_columns(found)]
    )
    yield f"LOCATION {_quote_text(found['StorageDescriptor'].get('Location', ''))}"
    yield "TBLPROPERTIES ("
    kept = {key: value for key, value in found["Parameters"].items() if key not in _ICEBERGS}
    yield from _pairs({"table_type": "iceberg"} | kept)


def _columns(columns: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield from _list(
        [f"  `{column['Name']}` {column.get('Type', 'string')}{_comment(column)}" for column in columns]
    )


def _comment(column: Mapping[str, Any]) -> str:
    return f" COMMENT {_quote_text(column['Comment'])}" if column.get("Comment") else ""


def _pairs(found: Mapping[str, str]) -> Iterator[str]:
    yield from _list([f"  {_quote_text(key)}={_quote_text(value)}" for key, value in sorted(found.items())])


def _list(lines: Sequence[str]) -> Iterator[str]:
    """Joined by commas, closed by a parenthesis."""
    yield from (f"{line}, " for line in lines[:-1])
    yield f"{lines[-1] if lines else ''})"


def _quote_text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\x01", "\\u0001")
    return f"'{escaped}'"
