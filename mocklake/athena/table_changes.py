"""ALTER TABLE of every form, and MSCK REPAIR TABLE.

Sources: Athena User Guide, alter-table-add-columns, alter-table-add-partition, alter-table-change-column,
alter-table-drop-partition, alter-table-rename-partition, alter-table-replace-columns, alter-table-set-location,
alter-table-set-tblproperties, msck-repair-table.
"""

from collections.abc import Callable
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from mocklake.athena import catalog_calls, table_files
from mocklake.athena.catalog_calls import ExistsError, MissingError
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.iceberg import tables as iceberg_tables
from mocklake.athena.parsing import DIALECT, Statement
from mocklake.athena.session import Outcome, Result, Session
from mocklake.athena.sql_text import TableName
from mocklake.athena.statement_reader import StatementReader, read_columns

Table = dict[str, Any]
Change = Callable[[Session, TableName, Table, StatementReader], None]


def alter_table(session: Session, statement: Statement) -> Outcome:
    reader = StatementReader(statement.text).expect("ALTER", "TABLE")
    name = reader.table(session.database, session.catalog)
    table = catalog_calls.table_of(session, name)
    for words, change in _CHANGES:
        if reader.accept(*words):
            change(session, name, table, reader)
            reader.end()
            return Outcome()
    raise reader.unexpected()


def repair_table(session: Session, statement: Statement) -> Outcome:
    """Adds the folders `key=value` below the table's location that are no partitions yet."""
    reader = StatementReader(statement.text).expect("MSCK", "REPAIR", "TABLE")
    name = reader.table(session.database, session.catalog)
    reader.end()
    table = catalog_calls.table_of(session, name)
    keys = [partition_key["Name"] for partition_key in table.get("PartitionKeys", [])]
    known = {tuple(one["Values"]) for one in _partitions(session, name)}
    location = table["StorageDescriptor"].get("Location", "").rstrip("/") + "/"
    folders = table_files.partition_folders(table_files.reader(session, name, location), location, keys)
    found = {values: folder for values, folder in folders.items() if values not in known}
    for values, folder in sorted(found.items()):
        _add_partition(session, name, table, list(values), location + folder)
    if not found:
        return Outcome()
    missing = "\t".join(f"{name.table}:{folder.rstrip('/')}" for folder in found.values())
    rows = [f"Partitions not in metastore:\t{missing}"]
    rows += [f"Repair: Added partition to metastore {name.table}:{one.rstrip('/')}" for one in found.values()]
    return Outcome(Result((("result", "string"),), tuple((row,) for row in rows)))


def _add_partitions(session: Session, name: TableName, table: Table, reader: StatementReader) -> None:
    unless_there = reader.accept("IF", "NOT", "EXISTS")
    base = table["StorageDescriptor"].get("Location", "").rstrip("/")
    while reader.accept("PARTITION"):
        values = _values(table, reader.pairs())
        folder = "/".join(f"{key}={value}" for key, value in values.items())
        location = reader.text() if reader.accept("LOCATION") else f"{base}/{folder}/"
        try:
            _add_partition(session, name, table, list(values.values()), location)
        except ExistsError as error:
            if not unless_there:
                raise QueryFailedError(
                    f"{catalog_calls.HIVE_ERROR}AlreadyExistsException(message:Partition already exists.)"
                ) from error


def _drop_partitions(session: Session, name: TableName, table: Table, reader: StatementReader) -> None:
    if_there = reader.accept("IF", "EXISTS")
    reader.expect("PARTITION")
    while True:
        values = list(_values(table, reader.pairs()).values())
        try:
            catalog_calls.call(
                session, "DeletePartition", catalog=name.catalog, DatabaseName=name.database,
                TableName=name.table, PartitionValues=values,
            )  # fmt: skip
        except MissingError:
            if not if_there:
                raise
        if not (reader.accept(",", "PARTITION") or reader.accept("PARTITION")):
            return


def _change_partition(session: Session, name: TableName, table: Table, reader: StatementReader) -> None:
    """RENAME TO PARTITION or SET LOCATION."""
    place = {"catalog": name.catalog, "DatabaseName": name.database, "TableName": name.table}
    old = list(_values(table, reader.pairs()).values())
    found = catalog_calls.call(session, "GetPartition", **place, PartitionValues=old)["Partition"]
    described = found.get("StorageDescriptor", {})
    body = {"Values": old, "StorageDescriptor": described, "Parameters": found.get("Parameters", {})}
    if reader.accept("RENAME", "TO", "PARTITION"):
        body["Values"] = list(_values(table, reader.pairs()).values())
    else:
        body["StorageDescriptor"] = described | {"Location": reader.expect("SET", "LOCATION").text()}
    catalog_calls.call(session, "UpdatePartition", **place, PartitionValueList=old, PartitionInput=body)


def _values(table: Table, given: dict[str, str]) -> dict[str, str]:
    keys = [partition_key["Name"] for partition_key in table.get("PartitionKeys", [])]
    lower = {key.lower(): value for key, value in given.items()}
    if set(keys) != set(lower):
        raise QueryFailedError(
            "FAILED: SemanticException partition spec does not fit the table's partition keys"
        )
    return {key: lower[key] for key in keys}


def _add_partition(session: Session, name: TableName, table: Table, values: list[str], location: str) -> None:
    described = table["StorageDescriptor"] | {"Location": location}
    catalog_calls.call(
        session, "CreatePartition", catalog=name.catalog, DatabaseName=name.database, TableName=name.table,
        PartitionInput={"Values": values, "StorageDescriptor": described},
    )  # fmt: skip


def _partitions(session: Session, name: TableName) -> list[dict[str, Any]]:
    return catalog_calls.listed(
        session, "GetPartitions", "Partitions", catalog=name.catalog, DatabaseName=name.database,
        TableName=name.table,
    )  # fmt: skip


def _add_columns(session: Session, name: TableName, table: Table, reader: StatementReader) -> None:
    new = _definitions(reader.parenthesised())
    columns = table["StorageDescriptor"].get("Columns", [])
    known = {one["Name"] for one in [*columns, *table.get("PartitionKeys", [])]}
    twice = next((one["Name"] for one in new if one["Name"] in known), None)
    if twice is not None:
        raise QueryFailedError(f"{catalog_calls.HIVE_ERROR}Duplicate column name: {twice}")
    _set_columns(session, name, table, [*columns, *new])


def _replace_columns(session: Session, name: TableName, table: Table, reader: StatementReader) -> None:
    _set_columns(session, name, table, _definitions(reader.parenthesised()))


def _change_column(session: Session, name: TableName, table: Table, reader: StatementReader) -> None:
    old = reader.name()
    (new,) = _definitions(reader.rest())
    columns = table["StorageDescriptor"].get("Columns", [])
    if old not in [column["Name"] for column in columns]:
        raise QueryFailedError(f"FAILED: SemanticException [Error 10002]: Invalid column reference {old}")
    changed = [{**column, **new} if column["Name"] == old else column for column in columns]
    _set_columns(session, name, table, changed, renamed={new["Name"]: old})


def _drop_column(session: Session, name: TableName, table: Table, reader: StatementReader) -> None:
    """Iceberg only."""
    gone = reader.name()
    columns = table["StorageDescriptor"].get("Columns", [])
    _set_columns(session, name, table, [column for column in columns if column["Name"] != gone])


def _set_columns(
    session: Session,
    name: TableName,
    table: Table,
    columns: list[Table],
    renamed: dict[str, str] | None = None,
) -> None:
    if iceberg_tables.is_iceberg(table):
        iceberg_tables.change_columns(session, name, table, columns, renamed or {})
        return
    body = catalog_calls.table_input(table)
    body["StorageDescriptor"] = body["StorageDescriptor"] | {"Columns": columns}
    catalog_calls.update_table(session, name, body)


def _set_properties(session: Session, name: TableName, table: Table, reader: StatementReader) -> None:
    given = reader.pairs()
    if iceberg_tables.is_iceberg(table):
        iceberg_tables.change_properties(session, name, table, given, ())
        return
    body = catalog_calls.table_input(table)
    catalog_calls.update_table(session, name, body | {"Parameters": body.get("Parameters", {}) | given})


def _unset_properties(session: Session, name: TableName, table: Table, reader: StatementReader) -> None:
    gone = tuple(one.strip().strip("'\"") for one in reader.parenthesised().split(","))
    if not iceberg_tables.is_iceberg(table):
        raise QueryFailedError("NOT_SUPPORTED: UNSET TBLPROPERTIES is for Iceberg tables")
    iceberg_tables.change_properties(session, name, table, {}, gone)


def _set_location(session: Session, name: TableName, table: Table, reader: StatementReader) -> None:
    body = catalog_calls.table_input(table)
    body["StorageDescriptor"] = body["StorageDescriptor"] | {"Location": reader.text()}
    catalog_calls.update_table(session, name, body)


def _rename(session: Session, name: TableName, table: Table, reader: StatementReader) -> None:
    """Iceberg only: Glue has no renaming, the table is made anew and the old one deleted."""
    new = reader.table(name.database, name.catalog)
    if not iceberg_tables.is_iceberg(table):
        raise QueryFailedError("FAILED: SemanticException RENAME is not supported for tables of this type")
    body = catalog_calls.table_input(table) | {"Name": new.table}
    catalog_calls.call(
        session, "CreateTable", catalog=name.catalog, DatabaseName=new.database, TableInput=body
    )
    catalog_calls.delete_table(session, name)


def _definitions(text: str) -> list[Table]:
    """`a int COMMENT 'x', …`"""
    try:
        tree = sqlglot.parse_one(f"CREATE EXTERNAL TABLE t ({text})", read=DIALECT)
    except ParseError as error:
        raise QueryFailedError(f"FAILED: ParseException line 1:0 cannot recognize input '{text}'") from error
    return read_columns(tree.this if isinstance(tree, exp.Create) else None)


_CHANGES: tuple[tuple[tuple[str, ...], Change], ...] = (
    (("ADD", "COLUMNS"), _add_columns),
    (("ADD",), _add_partitions),
    (("DROP", "COLUMN"), _drop_column),
    (("DROP",), _drop_partitions),
    (("PARTITION",), _change_partition),
    (("REPLACE", "COLUMNS"), _replace_columns),
    (("CHANGE", "COLUMN"), _change_column),
    (("CHANGE",), _change_column),
    (("SET", "TBLPROPERTIES"), _set_properties),
    (("UNSET", "TBLPROPERTIES"), _unset_properties),
    (("SET", "LOCATION"), _set_location),
    (("RENAME", "TO"), _rename),
)
