"""SHOW DATABASES, TABLES, VIEWS, COLUMNS, PARTITIONS and TBLPROPERTIES.

Source: Athena User Guide, "DDL statements" (show-columns, show-databases, show-partitions, show-tables,
show-tblproperties, show-views). Rows have no heading.
"""

import re
from urllib.parse import quote

from mocklake.athena import catalog_calls
from mocklake.athena.columns import all_columns
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.names import TableName
from mocklake.athena.parsing import Statement
from mocklake.athena.results import Result
from mocklake.athena.session import Outcome, Session
from mocklake.athena.statement_reader import StatementReader


def databases(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("SHOW")
    reader.choice("DATABASES", "SCHEMAS")
    pattern = _pattern(reader)
    found = catalog_calls.listed(session, "GetDatabases", "DatabaseList", catalog=session.catalog)
    return one_column("database_name", _like([one["Name"] for one in found], pattern))


def tables(session: Session, statement: Statement) -> Outcome:
    """Views too."""
    reader = StatementReader(statement.text).expect("SHOW", "TABLES")
    return one_column("tab_name", _names(session, reader, only_views=False))


def views(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("SHOW", "VIEWS")
    return one_column("views", _names(session, reader, only_views=True))


def columns(session: Session, statement: Statement) -> Outcome:
    """`IN table IN database` or `IN database.table`."""
    reader = StatementReader(statement.text).expect("SHOW", "COLUMNS")
    reader.choice("IN", "FROM")
    path = reader.path()
    if reader.accept("IN") or reader.accept("FROM"):
        path = [*reader.path(), *path]
    reader.end()
    table = catalog_calls.table_of(session, _table_name(session, path))
    return one_column("field", [one["Name"] for one in all_columns(table)])


def partitions(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("SHOW", "PARTITIONS")
    name = reader.table(session.database, session.catalog)
    reader.end()
    keys = [one["Name"] for one in catalog_calls.table_of(session, name).get("PartitionKeys", [])]
    if not keys:
        text = f"Table {name.database}.{name.table} is not a partitioned table"
        raise QueryFailedError(f"FAILED: Execution Error, return code 1. {text}")
    found = catalog_calls.listed(
        session, "GetPartitions", "Partitions", catalog=name.catalog, DatabaseName=name.database,
        TableName=name.table,
    )  # fmt: skip
    rows = ["/".join(_part(*pair) for pair in zip(keys, one["Values"], strict=True)) for one in found]
    return one_column("partition", sorted(rows))


def table_properties(session: Session, statement: Statement) -> Outcome:
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
        return one_column("prpt_name", [text])
    rows = tuple((f"{key}\t{value}",) for key, value in sorted(found.items()) if wanted in ("", key))
    return Outcome(Result((("prpt_name", "string"), ("prpt_value", "string")), rows))


def one_column(name: str, values: list[str]) -> Outcome:
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
