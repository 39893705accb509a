"""The demo tells when the pretend AWS cannot write its state."""

import resource
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from demo.embedded.child_process import wait_until
from demo.embedded.state_folder import StateFolder
from demo.supervisor import programs
from demo.supervisor.supervisor import ManagedPart, SnapshotWatch, Supervisor
from mocklake.testing.server import Cloud
from tests.demo.supervisor.test_failing_part import FailingPart

ACCOUNT = "111111111111"
LESS_THAN_A_SNAPSHOT = 1_000


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with Cloud.start(tmp_path / "aws") as started:
        yield started


def limit_files(cloud: Cloud, size: int) -> None:
    """As on a full disk."""
    resource.prlimit(cloud.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def test_a_line_tells_that_it_fails_and_one_that_it_is_well_again(cloud: Cloud) -> None:
    said: list[str] = []
    port = urlsplit(cloud.url).port
    assert port
    watch = SnapshotWatch(port, said.append, seconds=0.05)
    watch.start()
    limit_files(cloud, LESS_THAN_A_SNAPSHOT)
    cloud.client("glue", ACCOUNT).create_database(DatabaseInput={"Name": "unkept"})
    assert wait_until(lambda: bool(said), 20)
    assert said[0].startswith("mocklake cannot write its state: File too large.")
    assert programs.is_mocklake_ready(port), "it answers calls all the same"
    limit_files(cloud, resource.RLIM_INFINITY)
    assert wait_until(lambda: said[1:] == ["mocklake writes its state again"], 20)
    watch.stop()
    watch.join()


def test_the_status_of_the_part_has_the_trouble(tmp_path: Path) -> None:
    supervisor = Supervisor(StateFolder(tmp_path), port=0, write_line=lambda _line: None)
    for name in ("mocklake", "worker"):
        supervisor._managed[name] = ManagedPart(FailingPart(name, 0))
    supervisor._snapshot_watch = SnapshotWatch(0, lambda _line: None)
    supervisor._snapshot_watch.trouble = "No space left on device"
    troubles = {part["name"]: part["trouble"] for part in supervisor.status()}
    assert troubles == {"mocklake": "No space left on device", "worker": ""}
