"""What Glue tells about its catalog, where, and how badly it may arrive."""

from collections.abc import Callable
from typing import Any

import pytest

from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess
from mocklake.tests.events.queues import CENTRAL, CONSUMER, PAIR, REGION, heard, listen

GLUE = {"source": ["aws.glue"]}
TABLE = {"Name": "New", "StorageDescriptor": {"Columns": [{"Name": "a", "Type": "int"}]}}
PARTITION = {"Values": ["tue", "1"]}


@pytest.fixture
def aws() -> InProcess:
    return InProcess(PAIR)


@pytest.fixture
def told(aws: InProcess) -> Callable[[], list[Any]]:
    url = listen(aws, CENTRAL, GLUE)
    return lambda: heard(aws, CENTRAL, url)


def _kinds(events: list[Any]) -> list[tuple[str, str]]:
    return [(one["detail-type"].split()[3], one["detail"]["typeOfChange"]) for one in events]


def test_tables_that_come_and_go_change_the_database(aws: InProcess, told: Callable[[], list[Any]]) -> None:
    glue = aws.client("glue", CENTRAL)
    glue.create_table(DatabaseName="Sales", TableInput=TABLE)
    glue.delete_table(DatabaseName="sales", Name="NEW")
    made, dropped = told()
    assert made["detail-type"] == "Glue Data Catalog Database State Change"
    assert made["detail"] == {
        "databaseName": "sales",
        "typeOfChange": "CreateTable",
        "changedTables": ["new"],
    }
    assert made["resources"] == [f"arn:aws:glue:{REGION}:{CENTRAL}:table/sales/new"]
    assert dropped["detail"]["typeOfChange"] == "DeleteTable"


def test_an_update_changes_the_table(aws: InProcess, told: Callable[[], list[Any]]) -> None:
    glue = aws.client("glue", CENTRAL, "admin")
    glue.create_database(DatabaseInput={"Name": "fresh"})
    glue.create_table(DatabaseName="fresh", TableInput=TABLE)
    glue.update_table(DatabaseName="fresh", TableInput={**TABLE, "Description": "d"})
    glue.delete_database(Name="fresh")
    events = told()
    assert _kinds(events) == [
        ("Database", "CreateDatabase"),
        ("Database", "CreateTable"),
        ("Table", "UpdateTable"),
        ("Database", "DeleteDatabase"),
    ]
    detail = {
        "databaseName": "fresh",
        "typeOfChange": "UpdateTable",
        "tableName": "new",
        "changedPartitions": [],
    }
    assert events[2]["detail"] == detail
    assert events[0]["resources"] == [f"arn:aws:glue:{REGION}:{CENTRAL}:database/fresh"]


def test_reads_and_refusals_tell_nothing(aws: InProcess, told: Callable[[], list[Any]]) -> None:
    glue = aws.client("glue", CENTRAL, "admin")
    glue.get_tables(DatabaseName="sales")
    assert refused(glue.create_database, DatabaseInput={"Name": "sales"}) == "AlreadyExistsException"
    assert told() == []


def test_the_owner_is_told_and_nobody_else(aws: InProcess, told: Callable[[], list[Any]]) -> None:
    url = listen(aws, CONSUMER, GLUE)
    aws.client("glue", CONSUMER, "admin").create_database(DatabaseInput={"Name": "own"})
    assert told() == []
    assert [one["account"] for one in heard(aws, CONSUMER, url)] == [CONSUMER]


def test_a_change_out_of_band_is_told_too(aws: InProcess, told: Callable[[], list[Any]]) -> None:
    gone = {
        "do": "drop_table",
        "account": CENTRAL,
        "region": REGION,
        "DatabaseName": "sales",
        "Name": "orders",
    }
    aws.control("change", gone)
    assert _kinds(told()) == [("Database", "DeleteTable")]


def _make(aws: InProcess, *names: str) -> None:
    for name in names:
        aws.client("glue", CENTRAL, "admin").create_database(DatabaseInput={"Name": name})


def _names(events: list[Any]) -> list[str]:
    return [one["detail"]["databaseName"] for one in events]


def test_events_may_be_missing_or_come_twice(aws: InProcess, told: Callable[[], list[Any]]) -> None:
    aws.control("faults", {"kind": "event_missing", "service": "glue"})
    _make(aws, "a")
    aws.control("faults", method="DELETE")
    aws.control("faults", {"kind": "event_twice"})
    _make(aws, "b")
    assert _names(told()) == ["b", "b"]


def test_chance_comes_from_the_faults_seed() -> None:
    fates = []
    for _ in range(2):
        aws = InProcess(PAIR)
        url = listen(aws, CENTRAL, GLUE)
        aws.control("faults", {"kind": "event_missing", "rate": 0.5, "seed": 3})
        _make(aws, *(f"d{number}" for number in range(12)))
        fates.append(_names(heard(aws, CENTRAL, url)))
    assert fates[0] == fates[1]
    assert 0 < len(fates[0]) < 12


def test_events_may_be_late_by_mocklakes_clock(aws: InProcess, told: Callable[[], list[Any]]) -> None:
    aws.control("faults", {"kind": "event_late", "milliseconds": 3_600_000})
    _make(aws, "a")
    assert told() == []
    aws.control("clock", {"offset_seconds": 3601})
    assert _names(told()) == ["a"]


def test_events_may_overtake_each_other(aws: InProcess, told: Callable[[], list[Any]]) -> None:
    aws.control("faults", {"kind": "event_overtaken"})
    _make(aws, "a")
    aws.control("faults", method="DELETE")
    _make(aws, "b")
    assert _names(told()) == ["b", "a"]
