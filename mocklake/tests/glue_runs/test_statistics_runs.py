"""Column statistics that Glue measures itself, on the objects that its role may read."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess
from mocklake.tests.glue_runs.test_crawlers import ROLE, SEED, Lake, parquet

TABLE = {"DatabaseName": "sales", "TableName": "kinds"}
KINDS = {
    "flag": "boolean",
    "day": "date",
    "price": "decimal(9,2)",
    "rate": "double",
    "id": "int",
    "name": "string",
}
ROWS = """
SELECT true AS flag, date '2026-01-01' AS day, -1.25::decimal(9,2) AS price, 0.5 AS rate, 7 AS id, 'ann' AS name
UNION ALL SELECT false, date '2026-01-03', 300.00, 1.5, 9, 'robert'
UNION ALL SELECT NULL, NULL, NULL, NULL, 9, NULL
"""


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """A table of every kind of column, which the role may read and change."""
    with InProcess(seed=SEED, manners="polite") as aws:
        made = Lake(aws)
        made.put("kinds/1", parquet(tmp_path, ROWS))
        columns = [{"Name": name, "Type": kind} for name, kind in KINDS.items()]
        nested = {"Name": "deep", "Type": "array<int>"}
        storage = {"Columns": [*columns, nested], "Location": "s3://raw/kinds/"}
        body = {"Name": "kinds", "StorageDescriptor": storage}
        made.glue.create_table(DatabaseName="sales", TableInput=body)
        made.grant(["SELECT", "ALTER"], {"Table": {"DatabaseName": "sales", "Name": "kinds"}})
        yield made


def run(lake: Lake, **more: Any) -> dict[str, Any]:
    """One run to its end."""
    asked: dict[str, Any] = {**TABLE, "Role": ROLE, **more}
    number = lake.glue.start_column_statistics_task_run(**asked)["ColumnStatisticsTaskRunId"]
    lake.wait()
    answer = lake.glue.get_column_statistics_task_run(ColumnStatisticsTaskRunId=number)
    found: dict[str, Any] = answer["ColumnStatisticsTaskRun"]
    return found


def measured(lake: Lake) -> dict[str, dict[str, Any]]:
    answer = lake.glue.get_column_statistics_for_table(**TABLE, ColumnNames=list(KINDS))
    return {
        one["ColumnName"]: next(value for name, value in one["StatisticsData"].items() if name != "Type")
        for one in answer["ColumnStatisticsList"]
    }


def test_every_kind_of_column_is_measured(lake: Lake) -> None:
    ended = run(lake)
    assert (ended["Status"], ended["ComputationType"]) == ("SUCCEEDED", "FULL"), ended
    two = {"NumberOfNulls": 1, "NumberOfDistinctValues": 2}
    first, last = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)
    low, high = {"UnscaledValue": b"\x83", "Scale": 2}, {"UnscaledValue": b"\x75\x30", "Scale": 2}
    assert measured(lake) == {
        "flag": {"NumberOfTrues": 1, "NumberOfFalses": 1, "NumberOfNulls": 1},
        "day": {"MinimumValue": first, "MaximumValue": last} | two,
        "price": {"MinimumValue": low, "MaximumValue": high} | two,
        "rate": {"MinimumValue": 0.5, "MaximumValue": 1.5} | two,
        "id": {"MinimumValue": 7, "MaximumValue": 9, "NumberOfNulls": 0, "NumberOfDistinctValues": 2},
        "name": {"MaximumLength": 6, "AverageLength": 4.5} | two,
    }


def test_only_the_columns_that_are_named_are_measured(lake: Lake) -> None:
    assert run(lake, ColumnNameList=["ID"])["Status"] == "SUCCEEDED"
    assert list(measured(lake)) == ["id"]
    failed = run(lake, ColumnNameList=["none"])
    assert (failed["Status"], failed["ErrorMessage"]) == ("FAILED", "Column none not found.")
    runs = lake.glue.get_column_statistics_task_runs(**TABLE)["ColumnStatisticsTaskRuns"]
    assert [one["Status"] for one in runs] == ["FAILED", "SUCCEEDED"]
    listed = lake.glue.list_column_statistics_task_runs()["ColumnStatisticsTaskRunIds"]
    assert listed == [one["ColumnStatisticsTaskRunId"] for one in runs]


def test_one_run_at_a_time_and_a_stopped_one_measures_nothing(lake: Lake) -> None:
    start, stop = lake.glue.start_column_statistics_task_run, lake.glue.stop_column_statistics_task_run
    assert refused(stop, **TABLE) == "ColumnStatisticsTaskNotRunningException"
    start(**TABLE, Role=ROLE)
    assert refused(start, **TABLE, Role=ROLE) == "ColumnStatisticsTaskRunningException"
    stop(**TABLE)
    assert refused(stop, **TABLE) == "ColumnStatisticsTaskStoppingException"
    lake.wait()
    (ended,) = lake.glue.get_column_statistics_task_runs(**TABLE)["ColumnStatisticsTaskRuns"]
    assert (ended["Status"], measured(lake)) == ("STOPPED", {})


def test_the_role_needs_lake_formations_permission(lake: Lake) -> None:
    orders = {"DatabaseName": "sales", "TableName": "orders"}
    failed = run(lake, **orders)
    assert failed["Status"] == "FAILED"
    assert failed["ErrorMessage"].startswith("Insufficient Lake Formation permission(s): Required Select")
    missing = orders | {"TableName": "none"}
    start = lake.glue.start_column_statistics_task_run
    assert refused(start, **missing, Role=ROLE) == "EntityNotFoundException"
