"""A history played against a fresh world, the comparison of the three ways, and the cutting of one that disagrees."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from mocklake import switches
from mocklake.histories import mesh
from mocklake.histories.calls import Call, draw
from mocklake.histories.mesh import OWNER, REGION, arn
from mocklake.oracle import columns as oracle_columns
from mocklake.oracle import metadata
from mocklake.oracle.metadata import Place
from mocklake.testing.in_process import InProcess
from mocklake.world import World

LENGTH = 200
LOOKS = (60, 130, LENGTH)
"""After how many calls the ways are compared."""
BROKEN = ("InternalFailure", "MocklakeNotImplemented")
TURNED = (
    "merge_column_rows", "describe_beside_partial_select", "regrants_by_described_tags", "drop_leaves_shares", "account_opt_ins",
    "filter_deletion_takes_grants", "cells_outside_filters", "tagged_columns_describe_table",
)  # fmt: skip
"""The switches on which it depends who reads what."""
HIDDEN = ("AccessDeniedException", "EntityNotFoundException")


@dataclass(frozen=True)
class History:
    calls: tuple[Call, ...]
    turned: dict[str, Any] = field(default_factory=dict)


def draw_history(seed: int, length: int = LENGTH) -> History:
    """Half of the histories go by the defaults, the others turn switches by lot."""
    random = Random(seed)
    turned = {
        name: random.choice(switches.ALL[name].values) for name in TURNED if seed % 2 and name in switches.ALL
    }
    return History(tuple(draw(random, length)), turned)


def find_disagreement(history: History, looks: tuple[int, ...] = LOOKS, *, about: str = "") -> str:
    """The first one in words that begin with `about`; empty when there is none."""
    with tempfile.TemporaryDirectory(prefix="mocklake-histories-") as folder:
        path = Path(folder) / "mesh.yaml"
        path.write_text(mesh.text())
        # Polite, as the listing that is compared follows each call at once.
        with InProcess(seed=str(path), manners="polite") as aws:
            switches.turn(aws.simulator.world, history.turned)
            return next(
                (one for one in _compare_ways(Stage(aws), history, looks) if one.startswith(about)), ""
            )


def _compare_ways(stage: "Stage", history: History, looks: tuple[int, ...]) -> Iterator[str]:
    for number, call in enumerate(history.calls, 1):
        broken = stage.play(call)
        if broken:
            yield f"{call}: {broken}"
        if number in looks or number == len(history.calls):
            yield from stage.compared()


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
        listed = {one["Name"]: _list_names(one) for one in self._listed(asked)}
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
            return _list_names(self._glue.get_table(**asked, Name=table)["Table"])
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


class Stage:
    """A world in which histories are played, with the clients of everybody in it."""

    def __init__(self, aws: InProcess) -> None:
        self.aws = aws
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._readers = [Reader(aws, *one) for one in mesh.READERS]

    def play(self, call: Call) -> str:
        """What went wrong inside of mocklake; AWS's refusals are part of a history."""
        given = self._found(call) if call.service == "ram" else call.given
        if given is None:
            return ""
        client = self._client(call.account, call.role, call.service)
        name = _get_python_name(client, call.operation)
        try:
            getattr(client, name)(**given)
        except ParamValidationError as error:
            return str(error)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            return f"{code} {error}" if code in BROKEN else ""
        return ""

    def compared(self) -> Iterator[str]:
        """Each difference between two ways."""
        for reader in self._readers:
            for database in mesh.LINKS:
                yield from self._shown(reader, database)
            for database, table in mesh.TABLES:
                yield from self._read(reader, database, table)

    def _shown(self, reader: Reader, database: str) -> Iterator[str]:
        with self.aws.here():
            expected = show_by_oracle(self.aws.simulator.world, reader.arn, database)
        try:
            found = reader.by_glue(database)
        except (AssertionError, ClientError) as error:
            yield f"{reader.arn} on {database}: {error}"
            return
        if found != expected:
            yield f"{reader.arn} on {database}: Glue shows {found}, the oracle says {expected}"

    def _read(self, reader: Reader, database: str, table: str) -> Iterator[str]:
        world = self.aws.simulator.world
        with self.aws.here():
            expected = read_by_oracle(world, reader.arn, database, table)
            there = database if reader.account == OWNER else find_link_target(world, reader.account, database)
            seen = there is not None and (
                reader.account == OWNER
                or metadata.sees_database(world, reader.arn, Place(reader.account, REGION, there))
            )
        try:
            found = reader.by_athena(there or "nowhere", table)
        except ClientError as error:
            yield f"{reader.arn} on {database}.{table}: {error}"
            return
        if found != (expected if seen else None):
            yield f"{reader.arn} on {database}.{table}: Athena reads {found}, the oracle says {expected}, link seen: {seen}"

    def _found(self, call: Call) -> dict[str, Any] | None:
        """RAM's parameters as they are now; None when there is nothing to answer or delete."""
        client = self._client(call.account, call.role, "ram")
        if call.operation == "DeleteResourceShare":
            shares = client.get_resource_shares(resourceOwner="SELF")["resourceShares"]
            active = [share["resourceShareArn"] for share in shares if share["status"] == "ACTIVE"]
            return {"resourceShareArn": active[0]} if active else None
        invited = client.get_resource_share_invitations()["resourceShareInvitations"]
        waiting = [one["resourceShareInvitationArn"] for one in invited if one["status"] == "PENDING"]
        return {"resourceShareInvitationArn": waiting[0]} if waiting else None

    def _client(self, account: str, role: str, service: str) -> Any:
        key = (account, role, service)
        if key not in self._clients:
            self._clients[key] = self.aws.client(service, account, role)
        return self._clients[key]


def _get_python_name(client: Any, operation: str) -> str:
    names: dict[str, str] = client.meta.method_to_api_mapping
    return next(name for name, one in names.items() if one == operation)


def shorten_history(history: History, *, is_wrong: Callable[[History], bool]) -> History:
    """A history that is still wrong and in which no single call can be left out."""
    calls = list(history.calls)
    size = max(len(calls) // 2, 1)
    while True:
        begin, cut = 0, False
        while begin < len(calls):
            fewer = calls[:begin] + calls[begin + size :]
            if is_wrong(History(tuple(fewer), history.turned)):
                calls, cut = fewer, True
            else:
                begin += size
        if size == 1 and not cut:
            break
        size = size if cut and size == 1 else max(size // 2, 1)
    needed = {
        name: value
        for name, value in history.turned.items()
        if not is_wrong(History(tuple(calls), {k: v for k, v in history.turned.items() if k != name}))
    }
    slim = History(tuple(calls), needed)
    return slim if is_wrong(slim) else History(tuple(calls), history.turned)


def _check_hidden(error: ClientError) -> None:
    """Raises again what is not said of things that are not shown."""
    if error.response["Error"]["Code"] not in HIDDEN:
        raise error


def _list_names(table: dict[str, Any]) -> tuple[str, ...]:
    return tuple(column["Name"] for column in table["StorageDescriptor"]["Columns"])


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
        tuple(_format_value(row[one]) if can(one, row) else None for one in (*columns, mesh.PARTITION_KEY))
        for row in mesh.ROWS
        if any(can(one, row) for one in columns)
    )
    return Read((*columns, mesh.PARTITION_KEY), rows)


def _format_value(value: Any) -> str | None:
    return None if value is None else str(value)


def show_by_oracle(world: World, principal: str, database: str) -> Shown:
    place = Place(OWNER, REGION, database)
    tables = {
        table: metadata.shown_columns(world, principal, Place(OWNER, REGION, database, table))
        for name, table in mesh.TABLES
        if name == database
    }
    seen = {table: tuple(columns) for table, columns in tables.items() if columns is not None}
    return Shown(seen, metadata.sees_database(world, principal, place))


def find_link_target(world: World, account: str, database: str) -> str | None:
    """The account's link that leads to the owner's database now."""
    for name, found in world.stores["glue"].catalogs.get((account, REGION), {}).items():
        target = found.body.get("TargetDatabase") or {}
        if (target.get("CatalogId"), target.get("DatabaseName")) == (OWNER, database):
            return str(name)
    return None
