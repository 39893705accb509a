"""Rules, late events and unwritten log files outlive a restart; what is due comes without anyone calling."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mocklake.server.http_server import Ticker
from mocklake.testing.checks import eventually
from mocklake.testing.in_process import InProcess
from mocklake.testing.server import Cloud
from mocklake.tests.cloudtrail.trail_logs import trail
from mocklake.tests.events.queues import CENTRAL, PAIR, heard, listen

GLUE = {"source": ["aws.glue"], "detail-type": [{"prefix": "Glue"}]}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud.start(tmp_path, seed=PAIR, manners="polite") as started:
        yield started


def test_what_is_on_its_way_outlives_a_restart(cloud: Cloud) -> None:
    url = listen(cloud, CENTRAL, GLUE)
    trail(cloud)
    cloud.control("trail", {"interval_seconds": 7200})
    cloud.control("faults", {"kind": "event_late", "milliseconds": 3_600_000})
    cloud.client("glue", CENTRAL).create_database(DatabaseInput={"Name": "late"})
    cloud.end()
    cloud.begin()
    place = url.replace(url.split("/")[2], cloud.url.split("/")[2])
    assert heard(cloud, CENTRAL, place) == []
    cloud.control("clock", {"offset_seconds": 3601})
    assert [one["detail"]["databaseName"] for one in heard(cloud, CENTRAL, place)] == ["late"]
    assert len(cloud.control("trail", {})["files"]) == 1


def test_a_log_file_comes_while_nobody_calls() -> None:
    aws = InProcess(PAIR, manners="polite")
    aws.control("trail", {"interval_seconds": 0.2})
    trail(aws)
    with aws.here():
        ticker = Ticker(aws.simulator)
        ticker.start()
        try:
            eventually(lambda: aws.simulator.deliveries > 0)
        finally:
            ticker.stop()


def test_many_threads_lose_and_double_no_event() -> None:
    aws = InProcess(PAIR, manners="polite")
    url = listen(aws, CENTRAL, {"source": ["aws.glue", "aws.lakeformation"]})
    trail(aws)
    glue = aws.client("glue", CENTRAL)

    def make(number: int) -> None:
        glue.create_database(DatabaseInput={"Name": f"d{number}"})
        glue.get_databases()

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(make, range(48)))
    events = heard(aws, CENTRAL, url)
    by_glue = [one["detail"]["databaseName"] for one in events if one["detail-type"].startswith("Glue")]
    recorded = [
        json.dumps(one["detail"]["requestParameters"]) for one in events if "eventName" in one["detail"]
    ]
    assert sorted(by_glue) == sorted(f"d{number}" for number in range(48))
    assert len(recorded) == len(set(recorded)) == 48
