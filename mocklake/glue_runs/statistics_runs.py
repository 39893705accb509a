"""Column statistics task runs: begun by one call, measured on the objects when mocklake's clock has come so far.

Source: botocore model; Glue Developer Guide, column-statistics (the role reads the table and writes its statistics). Assumed:
the role needs ALTER for that; SampleSize is kept, and every row is read.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mocklake.athena import engine, sources
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.names import TableName
from mocklake.athena.sql_text import quoted
from mocklake.catalog_ids import full_id
from mocklake.errors import AwsError
from mocklake.glue.pages import page
from mocklake.glue.store import find_table
from mocklake.glue_runs import column_figures, due, roles, working
from mocklake.glue_runs.due import Key
from mocklake.glue_runs.fitting_errors import fitted
from mocklake.glue_runs.quality_store import trim
from mocklake.iam.callers import Caller
from mocklake.json_copies import copied
from mocklake.world import World

NAME = "glue.statistics"
KIND = "statistics"
BATCH = 25


@dataclass
class Run:
    """`body` is the request of the start; `state` is told once the run has ended."""

    id: str
    body: dict[str, Any]
    role: str
    created_at: datetime
    state: str = ""
    stopping: bool = False
    error: str = ""
    ended_at: datetime | None = None

    @property
    def place(self) -> tuple[str, str]:
        return self.body["DatabaseName"].lower(), self.body["TableName"].lower()


@dataclass
class StatisticsStore:
    """Runs by id, the oldest first, by (account, region)."""

    by_place: dict[tuple[str, str], dict[str, Run]] = field(default_factory=dict)


def start_run(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """ColumnStatisticsTaskRunningException while another run is on the table."""
    runs = _runs(world, caller.account, caller.region)
    catalog_id = full_id(params.get("CatalogID"), caller.account)
    if find_table(world, catalog_id, caller.region, params["DatabaseName"], params["TableName"]) is None:
        raise AwsError("EntityNotFoundException", f"Table {params['TableName']} not found.")
    run = Run(f"{uuid.uuid4()}", copied(params), roles.check(caller, params["Role"]), world.now())
    if any(one.place == run.place and not one.ended_at for one in runs.values()):
        text = f"A column statistics task is running on {params['TableName']}."
        raise AwsError("ColumnStatisticsTaskRunningException", text)
    runs[run.id] = run
    trim(runs)
    due.begin(world, (KIND, caller.account, caller.region, run.id))
    return {"ColumnStatisticsTaskRunId": run.id}


def stop_run(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """STOPPED without statistics when it would have ended."""
    place = (params["DatabaseName"].lower(), params["TableName"].lower())
    mine = [one for one in _runs(world, caller.account, caller.region).values() if one.place == place]
    running = [one for one in mine if not one.ended_at]
    if not running:
        text = f"No column statistics task is running on {params['TableName']}."
        raise AwsError("ColumnStatisticsTaskNotRunningException", text)
    if running[0].stopping:
        raise AwsError("ColumnStatisticsTaskStoppingException", "The task is stopping.")
    running[0].stopping = True
    return {}


def get_run(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """EntityNotFoundException for an id that the account has not in the region."""
    number = params["ColumnStatisticsTaskRunId"]
    found = _runs(world, caller.account, caller.region).get(number)
    if found is None:
        raise AwsError("EntityNotFoundException", f"Column statistics task run {number} not found.")
    return {"ColumnStatisticsTaskRun": _answer(world, caller, found)}


def get_runs(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Those of a table, the newest first."""
    place = (params["DatabaseName"].lower(), params["TableName"].lower())
    by_age = _by_age(world, caller)

    def load(number: int) -> dict[str, Any] | None:
        return _answer(world, caller, by_age[number]) if by_age[number].place == place else None

    found, more = page(
        world, caller, params, sorted(by_age), load, listing="GetColumnStatisticsTaskRuns", most=1000
    )
    return {"ColumnStatisticsTaskRuns": found} | more


def list_runs(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Ids, the newest first."""
    by_age = _by_age(world, caller)
    found, more = page(
        world, caller, params, sorted(by_age), lambda number: by_age[number].id,
        listing="ListColumnStatisticsTaskRuns", most=1000,
    )  # fmt: skip
    return {"ColumnStatisticsTaskRunIds": found} | more


def finish(world: World, key: Key) -> None:
    """All that was asked for is written, or nothing and the run FAILED with the reason."""
    _, account, region, number = key
    run = _runs(world, account, region).get(number)
    if run is None:
        return
    run.ended_at = world.now()
    if run.stopping:
        run.state = "STOPPED"
        return
    try:
        _measure(world, run, roles.caller_as(run.role, region))
        run.state = "SUCCEEDED"
    except (QueryFailedError, AwsError) as error:
        run.state, run.error = "FAILED", str(error)


def _measure(world: World, run: Run, who: Caller) -> None:
    database, table = run.place
    catalog_id = run.body.get("CatalogID", "")
    source = sources.load(world, who, TableName(database, table), home=catalog_id)
    asked = {name.lower() for name in run.body.get("ColumnNameList", [])}
    missing = sorted(asked - {name.lower() for name, _ in source.columns})
    if missing:
        raise AwsError("EntityNotFoundException", f"Column {missing[0]} not found.")
    columns = [
        (name, kind)
        for name, kind in source.columns
        if column_figures.kind_of(kind) and (not asked or name.lower() in asked)
    ]
    place = f"{quoted(database)}.{quoted(table)}"
    (row,) = engine.run(column_figures.to_sql(columns, place), [source], database).rows
    each = [
        column_figures.read(name, kind, row[start : start + column_figures.FIGURES], world.now())
        for (name, kind), start in zip(columns, range(0, len(row), column_figures.FIGURES), strict=True)
    ]
    for start in range(0, len(each), BATCH):
        asks = {
            "DatabaseName": database,
            "TableName": table,
            "ColumnStatisticsList": each[start : start + BATCH],
        }
        named = {"CatalogId": catalog_id} if catalog_id else {}
        working.call(world, who, "UpdateColumnStatisticsForTable", asks | named)


def _runs(world: World, account: str, region: str) -> dict[str, Run]:
    store: StatisticsStore = world.stores.setdefault(NAME, StatisticsStore())
    return store.by_place.setdefault((account, region), {})


def _by_age(world: World, caller: Caller) -> dict[int, Run]:
    return {-number: run for number, run in enumerate(_runs(world, caller.account, caller.region).values())}


def _answer(world: World, caller: Caller, run: Run) -> dict[str, Any]:
    kept = ("DatabaseName", "TableName", "ColumnNameList", "CatalogID", "SampleSize", "SecurityConfiguration")
    answer = {name: run.body[name] for name in kept if name in run.body}
    answer |= {
        "CustomerId": caller.account,
        "ColumnStatisticsTaskRunId": run.id,
        "Role": run.role,
        "Status": run.state or due.state(world, run.created_at),
        "ComputationType": "FULL",
        "CreationTime": run.created_at,
        "StartTime": run.created_at,
        "LastUpdated": run.ended_at or run.created_at,
        "DPUSeconds": 0.0,
    }
    ended = {"EndTime": run.ended_at} if run.ended_at else {}
    return answer | ended | ({"ErrorMessage": run.error} if run.error else {})


HANDLERS = fitted(
    {
        "GetColumnStatisticsTaskRun": get_run,
        "GetColumnStatisticsTaskRuns": get_runs,
        "ListColumnStatisticsTaskRuns": list_runs,
        "StartColumnStatisticsTaskRun": start_run,
        "StopColumnStatisticsTaskRun": stop_run,
    }
)
