"""What one principal reads of one table: by Athena, as Glue shows it, and as the oracle says it should be."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from mocklake.histories import mesh
from mocklake.histories.mesh import OWNER, REGION, arn
from mocklake.oracle import columns as oracle_columns
from mocklake.oracle import metadata
from mocklake.oracle.metadata import Place
from mocklake.testing.in_process import InProcess
from mocklake.world import World

HIDDEN = ("AccessDeniedException", "EntityNotFoundException")


@dataclass(frozen=True)
class Read:
    """Columns that have an answer, and how often each row is there; None for a refused query."""

    columns: tuple[str, ...]
    rows: Mapping[tuple[str | None, ...], int]


@dataclass(frozen=True)
class Shown:
    """Glue's: the data columns, by table; whether the database is seen."""

    tables: Mapping[str, tuple[str, ...]]
    database: bool


class Reader:
    """One principal with its clients."""

    def __init__(self, aws: InProcess, account: str, role: str) -> None:
        self.account, self.role, self.arn = account, role, arn(account, role)
        self._athena = aws.client("athena", account, role)
        self._glue = aws.client("glue", account, role)

    def by_athena(self, database: str, table: str) -> Read | None:
        started = self._athena.start_query_execution(QueryString=f'SELECT * FROM "{database}"."{table}"')  # noqa: S608
        found = {"QueryExecutionId": started["QueryExecutionId"]}
        status = self._athena.get_query_execution(**found)["QueryExecution"]["Status"]
        if status["State"] != "SUCCEEDED":
            return None
        head, *rows = self._athena.get_query_results(**found)["ResultSet"]["Rows"]
        columns = tuple(one["VarCharValue"] for one in head["Data"])
        return Read(columns, Counter(tuple(one.get("VarCharValue") for one in row["Data"]) for row in rows))

    def by_glue(self, database: str) -> Shown:
        """Listed and asked for one by one, which must be the same."""
        asked = {"CatalogId": OWNER, "DatabaseName": database}
        listed = {one["Name"]: _names(one) for one in self._listed(asked)}
        single = {table: self._table(asked, table) for name, table in mesh.TABLES if name == database}
        alone = {table: columns for table, columns in single.items() if columns is not None}
        if listed != alone:
            raise AssertionError(f"GetTables {listed}, GetTable {alone}")
        return Shown(listed, self._sees_database(OWNER, database))

    def _listed(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        try:
            pages = self._glue.get_paginator("get_tables").paginate(**asked)
            return [table for page in pages for table in page["TableList"]]
        except ClientError as error:
            _check_hidden(error)
            return []

    def _table(self, asked: dict[str, str], table: str) -> tuple[str, ...] | None:
        try:
            return _names(self._glue.get_table(**asked, Name=table)["Table"])
        except ClientError as error:
            _check_hidden(error)
            return None

    def _sees_database(self, catalog: str, name: str) -> bool:
        try:
            self._glue.get_database(CatalogId=catalog, Name=name)
        except ClientError as error:
            _check_hidden(error)
            return False
        return True


def _check_hidden(error: ClientError) -> None:
    """Raises again what is not said of things that are not shown."""
    if error.response["Error"]["Code"] not in HIDDEN:
        raise error


def _names(table: dict[str, Any]) -> tuple[str, ...]:
    return tuple(one["Name"] for one in table["StorageDescriptor"]["Columns"])


def read_by_oracle(world: World, principal: str, database: str, table: str) -> Read | None:
    found = world.stores["glue"].catalogs[OWNER, REGION].get(database)
    there = found.tables.get(table) if found else None
    if there is None:
        return None
    data = [one["Name"] for one in there.body["StorageDescriptor"]["Columns"]]

    def can(column: str, row: dict[str, Any] | None = None) -> bool:
        return oracle_columns.can_read(
            world, principal, OWNER, REGION, database, table, column, row=row
        ).allowed

    columns = [one for one in data if can(one)]
    if not columns:
        return None
    rows = Counter(
        tuple(_written(row[one]) if can(one, row) else None for one in (*columns, mesh.PARTITION_KEY))
        for row in mesh.ROWS
        if any(can(one, row) for one in columns)
    )
    return Read((*columns, mesh.PARTITION_KEY), rows)


def _written(value: Any) -> str | None:
    return None if value is None else str(value)


def shown_by_oracle(world: World, principal: str, database: str) -> Shown:
    place = Place(OWNER, REGION, database)
    tables = {
        table: metadata.shown_columns(world, principal, Place(OWNER, REGION, database, table))
        for name, table in mesh.TABLES
        if name == database
    }
    seen = {table: tuple(columns) for table, columns in tables.items() if columns is not None}
    return Shown(seen, metadata.sees_database(world, principal, place))


def leads_to(world: World, account: str, database: str) -> str | None:
    """The account's link that leads to the owner's database now."""
    for name, found in world.stores["glue"].catalogs.get((account, REGION), {}).items():
        target = found.body.get("TargetDatabase") or {}
        if (target.get("CatalogId"), target.get("DatabaseName")) == (OWNER, database):
            return str(name)
    return None
