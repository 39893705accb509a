"""`manage.py chaos --quick`: a slice of the kills, as anyone can repeat it."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from demo.bootstrap import ROOT
from demo.chaos.run import Report
from demo.management.commands.chaos import table_of

OURS = ("DATABASE_URL", "REDIS_URL", "MIGRATE_", "WORKER_", "SEALER_", "MESHMARKET_PROCESS", "AWS_", "PYTEST")
NOTHING = dict.fromkeys(("lost", "extra", "duplicate", "stuck", "wrong", "oracle_differs"), 0)
SEED = 20_261


def chaos(*arguments: str, **environment: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, the object on the last line, all that was printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    done = subprocess.run(
        [sys.executable, "manage.py", "chaos", "--seed", str(SEED), "--json", "--switches", "default", *arguments],
        cwd=ROOT, env=kept | environment, check=False, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    printed = done.stdout + done.stderr
    last = printed if not done.stdout else done.stdout.splitlines()[-1]
    assert last.startswith("{"), printed
    return done.returncode, json.loads(last), printed


def said(found: dict[str, Any]) -> int:
    """The exit code that goes with it: what came late on a busy machine is said by the command, and right all the same."""
    return 0 if found["right"] and found["in_time"] else 1


@pytest.mark.all
def test_nothing_is_lost_when_workers_are_killed() -> None:
    with tempfile.TemporaryDirectory(prefix="mm-") as folder:
        code, found, printed = chaos("--part", "kills", "--quick", TMPDIR=folder)
        assert list(Path(folder).glob("mm-chaos-*")) == []
    assert {name: found[name] for name in NOTHING} == NOTHING, printed
    assert (code, found["right"], found["kills"], found["requests"]) == (said(found), True, 20, 20), printed
    assert sum(found["kills_by_moment"].values()) == 20
    assert found["statuses"] > 50


@pytest.mark.all
def test_few_more_calls_are_made_where_aws_fails_now_and_then_and_nothing_is_lost() -> None:
    code, found, printed = chaos("--part", "faults", "--quick")
    assert {name: found[name] for name in NOTHING} == NOTHING, printed
    assert (code, found["right"]) == (said(found), True), printed
    assert found["calls_ratio"] > 0, printed


@pytest.mark.parametrize("fault", NOTHING)
def test_one_fault_of_any_kind_is_not_right(fault: str) -> None:
    assert Report("kills", SEED).ok
    report = Report("kills", SEED)
    setattr(report, fault, 1)
    assert "NOT RIGHT" in table_of(report)
    assert report.to_json()["ok"] is False


@pytest.mark.parametrize(
    "change",
    [{"calls_ratio": 2.3}, {"late": 1}, {"added_delay": 7.1}, {"gone_after": 60.5}, {"scan_seconds": 60.1}],
)
def test_what_takes_too_long_or_too_many_calls_is_not_in_time(change: dict[str, float]) -> None:
    report = Report("faults", SEED, **change)  # type: ignore[arg-type]
    assert (report.ok, report.is_right, report.is_in_time) == (False, True, False)
    assert "faults: right, NOT IN TIME" in table_of(report)
