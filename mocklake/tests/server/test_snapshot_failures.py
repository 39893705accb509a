"""A snapshot that cannot be written is seen, tried again, and forgotten once it is written."""

import json
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from mocklake.server.http_server import Writer, compute_pause
from mocklake.testing.checks import eventually
from mocklake.testing.in_process import InProcess
from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CENTRAL, CONSUMER, MESH

LESS_THAN_A_SNAPSHOT = 20_000
KEPT_FILES = {"control-token", "lock", "mocklake.snapshot"}
HEALTHY = {"ok": True, "accounts": 4}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud.start(tmp_path / "state", seed=str(MESH)) as started:
        yield started


def _read_health(cloud: Cloud) -> tuple[int, Any]:
    try:
        return 200, cloud.control("health", token="")
    except HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


def _limit_files(cloud: Cloud, size: int) -> None:
    """As on a full disk: the process can write no larger file."""
    resource.prlimit(cloud.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _list_file_names(folder: Path) -> set[str]:
    return {name for _, _, names in os.walk(folder) for name in names}


def _create_database(cloud: Cloud, name: str) -> None:
    cloud.client("glue", CENTRAL).create_database(DatabaseInput={"Name": name})


def test_a_full_disk_is_told_with_its_time(own: Cloud) -> None:
    _limit_files(own, LESS_THAN_A_SNAPSHOT)
    _create_database(own, "unkept")
    eventually(lambda: _read_health(own)[1].get("snapshot", {}).get("attempts", 0) >= 3)
    status, health = _read_health(own)
    assert (status, health["ok"], health["snapshot"]["error"]) == (503, False, "File too large")
    assert health["snapshot"]["since"].startswith("20")
    _limit_files(own, resource.RLIM_INFINITY)
    eventually(lambda: _read_health(own) == (200, HEALTHY))
    own.kill()
    own.begin()
    assert own.client("glue", CENTRAL).get_database(Name="unkept")["Database"]["Name"] == "unkept"


def test_a_snapshot_that_fails_leaves_nothing_of_itself(own: Cloud) -> None:
    """What it left would keep a full disk full."""
    s3 = own.client("s3", CONSUMER)
    _limit_files(own, LESS_THAN_A_SNAPSHOT)
    for key, size in (("fits", 900_000), ("too-large", 6_000_000)):
        s3.put_object(Bucket="consumer-results", Key=key, Body=key.encode() * (size // len(key)))
    eventually(lambda: _read_health(own)[0] == 503)
    _limit_files(own, 1_000_000)
    attempts = _read_health(own)[1]["snapshot"]["attempts"]
    eventually(lambda: _read_health(own)[1]["snapshot"]["attempts"] > attempts)
    eventually(lambda: _list_file_names(own.folder) <= KEPT_FILES)
    _limit_files(own, resource.RLIM_INFINITY)
    eventually(lambda: _read_health(own) == (200, HEALTHY))
    assert len(list((own.folder / "mocklake.contents").iterdir())) == 2


def test_a_folder_that_is_gone_for_a_while(own: Cloud) -> None:
    glue = own.client("glue", CENTRAL)
    away = own.folder.rename(own.folder.with_name("away"))
    glue.create_database(DatabaseInput={"Name": "meanwhile"})
    eventually(lambda: _read_health(own)[0] == 503)
    assert _read_health(own)[1]["snapshot"]["error"] == "No such file or directory"
    away.rename(own.folder)
    eventually(lambda: _read_health(own) == (200, HEALTHY))


def test_a_last_snapshot_that_fails_ends_the_server_with_1(own: Cloud) -> None:
    _limit_files(own, LESS_THAN_A_SNAPSHOT)
    _create_database(own, "unkept")
    own.end()
    assert own.process.returncode == 1


def test_a_state_that_does_not_pickle_is_told_until_it_does_and_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    simulator = InProcess().simulator
    simulator.folder = tmp_path
    writer = Writer(simulator)
    simulator.world.stores["odd"] = lambda: None
    simulator.wrote()
    writer.start()
    eventually(lambda: simulator.snapshot_health.attempts >= 2)
    assert caplog.text.count("could not be written") == 1
    assert "pickle" in simulator.snapshot_health.error
    del simulator.world.stores["odd"]
    eventually(lambda: simulator.snapshot_health.is_ok)
    writer.stop()
    assert (tmp_path / "mocklake.snapshot").exists()


def test_the_pause_after_a_failure_grows_to_half_a_minute() -> None:
    pauses = [compute_pause(attempts) for attempts in range(1, 10_000)]
    assert pauses[:4] == [0.5, 1.0, 2.0, 4.0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 30.0


def test_calls_are_answered_while_a_snapshot_fails(own: Cloud) -> None:
    _limit_files(own, LESS_THAN_A_SNAPSHOT)
    for number in range(5):
        _create_database(own, f"answered-{number}")
        time.sleep(0.2)
    assert len(own.client("glue", CENTRAL).get_databases()["DatabaseList"]) >= 5
    _limit_files(own, resource.RLIM_INFINITY)
