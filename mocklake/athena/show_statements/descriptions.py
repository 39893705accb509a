"""DESCRIBE, plain and in detail, as Hive prints it: cells of twenty characters in one text for each row.

Sources: Athena User Guide, describe-table, describe-view; Apache Hive's MetaDataFormatUtils.
"""

from collections.abc import Iterator
from typing import Any

from mocklake.athena import catalog_calls
from mocklake.athena.columns import all_columns, data_columns
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.parsing import Statement
from mocklake.athena.results import Result
from mocklake.athena.session import Outcome, Session
from mocklake.athena.statement_reader import StatementReader

WIDTH = 20
_HEADING = ("# col_name            ", "data_type", "comment")
_BLANK = ("", " ", " ")
_COLUMNS = tuple((name, "string") for name in ("col_name", "data_type", "comment"))
Line = tuple[str, str, str]


def table(session: Session, statement: Statement) -> Outcome:
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
        lines = [one for one in lines if one[0] == column][:1]
        if not lines:
            raise QueryFailedError(
                f"FAILED: SemanticException [Error 10002]: Invalid column reference {column}"
            )
    rows = [padded(line) for line in lines]
    if detail == "FORMATTED":
        rows += list(_formatted(found))
    if detail == "EXTENDED":
        rows += ["\t \t ", f"Detailed Table Information\t{_extended(found)}\t"]
    return Outcome(Result(_COLUMNS, tuple((row,) for row in rows)))


def view(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text)
    reader.choice("DESCRIBE", "DESC")
    name = reader.expect("VIEW").table(session.database, session.catalog)
    reader.end()
    found = catalog_calls.table_of(session, name)
    rows = tuple((padded(_line(one)),) for one in all_columns(found))
    return Outcome(Result(_COLUMNS, rows))


def padded(line: Line) -> str:
    """Cells of one blank, as in empty lines, stay so."""
    return "\t".join(line if line[1:] == _BLANK[1:] else [text.ljust(WIDTH) for text in line])


def _lines(found: dict[str, Any], *, heading: bool) -> Iterator[Line]:
    keys = found.get("PartitionKeys", [])
    if heading:
        yield _HEADING
        yield _BLANK
    yield from (_line(one) for one in (data_columns(found) if heading else all_columns(found)))
    if keys:
        yield _BLANK
        yield ("# Partition Information", " ", " ")
        yield _HEADING
        yield _BLANK
        yield from (_line(one) for one in keys)


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
        f"FieldSchema(name:{one['Name']}, type:{one.get('Type', '')}, comment:{one.get('Comment')})"
        for one in all_columns(found)
    )
    parameters = ", ".join(f"{key}={value}" for key, value in sorted(found.get("Parameters", {}).items()))
    storage = f"cols:[{columns}], location:{described.get('Location', '')}, inputFormat:{described.get('InputFormat', '')}"
    return (
        f"Table(tableName:{found['Name']}, dbName:{found.get('DatabaseName', '')}, owner:{found.get('Owner', 'hadoop')}, "
        f"sd:StorageDescriptor({storage}), parameters:{{{parameters}}}, tableType:{found.get('TableType', '')})"
    )
