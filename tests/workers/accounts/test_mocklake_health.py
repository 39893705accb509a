"""The doctor tells when the simulated AWS cannot keep its state."""

import json
import resource
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lakeformation.checkup import Check, CheckState
from mocklake.testing.checks import eventually
from mocklake.testing.server import Cloud
from workers.accounts import checkup
from workers.accounts.checkup import check_mocklake

ACCOUNT = "111111111111"


@pytest.fixture
def failing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A mocklake that can write no file of more than a kilobyte, as the workers' endpoint."""
    with Cloud.start(tmp_path / "aws") as cloud:
        resource.prlimit(cloud.process.pid, resource.RLIMIT_FSIZE, (1_000, resource.RLIM_INFINITY))
        cloud.client("glue", ACCOUNT).create_database(DatabaseInput={"Name": "unkept"})
        eventually(lambda: cloud.control_status("health") == 503)
        monkeypatch.setattr(checkup, "read_worker_endpoint", lambda: cloud.url)
        yield cloud


def test_a_mocklake_that_loses_state_is_told_with_its_reason(failing: Cloud) -> None:
    check = check_mocklake()
    assert check is not None
    (finding,) = check.findings
    assert check.state is CheckState.ATTENTION
    assert finding.text.startswith(f"The AWS at {failing.url} is mocklake")
    assert finding.text.endswith(": File too large.")


@pytest.mark.django_db
def test_the_doctor_fails_on_it(failing: Cloud) -> None:
    said = StringIO()
    with pytest.raises(CommandError, match="1 of these must be fixed"):
        call_command("doctor", "--json", stdout=said)
    assert json.loads(said.getvalue())["code"] == "mocklake_loses_state"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://sts.eu-central-1.amazonaws.com",
        "http://127.0.0.1:9",
        "https://sts.cn-north-1.amazonaws.com.cn",
    ],
)
def test_aws_and_an_endpoint_that_does_not_answer_are_no_check(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "read_worker_endpoint", lambda: endpoint)
    assert check_mocklake() is None


def test_a_mocklake_that_is_well_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Cloud.start(tmp_path / "aws") as cloud:
        monkeypatch.setattr(checkup, "read_worker_endpoint", lambda: cloud.url)
        assert check_mocklake() == Check(
            "mocklake", f"The AWS at {cloud.url} is mocklake, and keeps its state.", CheckState.OK
        )
