"""Column statistics task runs: begun by one call, measured on the objects when mocklake's clock has come so far.

Source: botocore model; Glue Developer Guide, column-statistics (the role reads the table and writes its statistics). Assumed:
the role needs ALTER for that; SampleSize is kept, and every row is read.

Source: botocore model (typed data by kind of column). Assumed: a timestamp's are those of a date, columns of nested types
have none.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from mocklake.athena import engine, sources
from mocklake.athena.failures import QueryFailedError
from mocklake.athena.sql_text import TableName, quote_name
from mocklake.catalog_ids import full_id
from mocklake.errors import AwsError
from mocklake.glue.pages import page
from mocklake.glue.store import find_table
from mocklake.glue_runs import running
from mocklake.glue_runs.rulesets import trim
from mocklake.glue_runs.running import Key, fit_errors
from mocklake.iam.callers import Caller
from mocklake.json_copies import copied
from mocklake.world import World

NAME = "glue.statistics"
KIND = "statistics"
BATCH = 25
_KINDS = {
    "boolean": "BOOLEAN", "date": "DATE", "timestamp": "DATE", "decimal": "DECIMAL", "float": "DOUBLE",
    "double": "DOUBLE", "tinyint": "LONG", "smallint": "LONG", "int": "LONG", "integer": "LONG", "bigint": "LONG",
    "long": "LONG", "string": "STRING", "varchar": "STRING", "char": "STRING", "binary": "BINARY",
}  # fmt: skip
_FIGURES = {
    "BOOLEAN": ("count(*) FILTER ({0})", "count(*) FILTER (NOT {0})"),
    "STRING": ("max(length({0}))", "avg(length({0}))"),
    "BINARY": ("max(octet_length({0}))", "avg(octet_length({0}))"),
}
_EXTREMES = ("min({0})", "max({0})")
FIGURES = 4
"""How many columns of the answer belong to one column of the table."""


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
    run = Run(f"{uuid.uuid4()}", copied(params), running.check_role(caller, params["Role"]), world.now())
    if any(one.place == run.place and not one.ended_at for one in runs.values()):
        text = f"A column statistics task is running on {params['TableName']}."
        raise AwsError("ColumnStatisticsTaskRunningException", text)
    runs[run.id] = run
    trim(runs)
    running.begin_run(world, (KIND, caller.account, caller.region, run.id))
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
    """Lists the runs of a table, the newest first."""
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
        _measure(world, run, running.build_role_caller(run.role, region))
        run.state = "SUCCEEDED"
    except (QueryFailedError, AwsError) as error:
        run.state, run.error = "FAILED", str(error)


def _measure(world: World, run: Run, who: Caller) -> None:
    database, table = run.place
    catalog_id = run.body.get("CatalogID", "")
    source = sources.load_source(world, who, TableName(database, table), home=catalog_id)
    asked = {name.lower() for name in run.body.get("ColumnNameList", [])}
    missing = sorted(asked - {name.lower() for name, _ in source.columns})
    if missing:
        raise AwsError("EntityNotFoundException", f"Column {missing[0]} not found.")
    columns = [
        (name, kind)
        for name, kind in source.columns
        if get_kind(kind) and (not asked or name.lower() in asked)
    ]
    place = f"{quote_name(database)}.{quote_name(table)}"
    (row,) = engine.run(build_figures_sql(columns, place), [source], database).rows
    each = [
        read_figures(name, kind, row[start : start + FIGURES], world.now())
        for (name, kind), start in zip(columns, range(0, len(row), FIGURES), strict=True)
    ]
    for start in range(0, len(each), BATCH):
        asks = {
            "DatabaseName": database,
            "TableName": table,
            "ColumnStatisticsList": each[start : start + BATCH],
        }
        named = {"CatalogId": catalog_id} if catalog_id else {}
        running.call_glue(world, who, "UpdateColumnStatisticsForTable", asks | named)


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
        "Status": run.state or running.get_run_state(world, run.created_at),
        "ComputationType": "FULL",
        "CreationTime": run.created_at,
        "StartTime": run.created_at,
        "LastUpdated": run.ended_at or run.created_at,
        "DPUSeconds": 0.0,
    }
    ended = {"EndTime": run.ended_at} if run.ended_at else {}
    return answer | ended | ({"ErrorMessage": run.error} if run.error else {})


HANDLERS = fit_errors(
    {
        "GetColumnStatisticsTaskRun": get_run,
        "GetColumnStatisticsTaskRuns": get_runs,
        "ListColumnStatisticsTaskRuns": list_runs,
        "StartColumnStatisticsTaskRun": start_run,
        "StopColumnStatisticsTaskRun": stop_run,
    }
)


def get_kind(glue_type: str) -> str | None:
    """None for a nested type."""
    return _KINDS.get(glue_type.lower().partition("(")[0].strip())


def build_figures_sql(columns: Sequence[tuple[str, str]], table: str) -> str:
    """One row, with two figures, the nulls and the distinct values of each column."""
    found = []
    for name, kind in columns:
        figures = _FIGURES.get(get_kind(kind) or "", _EXTREMES)
        parts = (*figures, "count(*) - count({0})", "count(DISTINCT {0})")
        found += [part.format(quote_name(name)) for part in parts]
    return f"SELECT {', '.join(found)} FROM {table}"  # noqa: S608


def read_figures(name: str, glue_type: str, figures: Sequence[str | None], now: datetime) -> dict[str, Any]:
    """ColumnStatistics from the figures that the SQL answered for a column."""
    kind = get_kind(glue_type) or "STRING"
    one, other, nulls, distinct = figures
    data: dict[str, Any]
    counts = {"NumberOfNulls": int(nulls or 0), "NumberOfDistinctValues": int(distinct or 0)}
    if kind == "BOOLEAN":
        data = {"NumberOfTrues": int(one or 0), "NumberOfFalses": int(other or 0)}
    elif kind in ("STRING", "BINARY"):
        data = {"MaximumLength": int(one or 0), "AverageLength": float(other or 0)}
    else:
        named = {"MinimumValue": one, "MaximumValue": other}
        data = {key: _read_value(kind, text) for key, text in named.items() if text is not None}
    if kind in ("BOOLEAN", "BINARY"):
        del counts["NumberOfDistinctValues"]
    typed = {"Type": kind, f"{kind.title()}ColumnStatisticsData": data | counts}
    return {"ColumnName": name, "ColumnType": glue_type, "AnalyzedTime": now, "StatisticsData": typed}


def _read_value(kind: str, text: str) -> Any:
    if kind == "LONG":
        return int(text)
    if kind == "DOUBLE":
        return float(text)
    if kind == "DATE":
        return datetime.fromisoformat(text + ("" if " " in text else "T00:00:00") + "+00:00")
    scale = len(text.partition(".")[2])
    unscaled = int(Decimal(text).scaleb(scale))
    written = unscaled.to_bytes(unscaled.bit_length() // 8 + 1, "big", signed=True)
    return {"UnscaledValue": written, "Scale": scale}
