"""`manage.py chaos --quick` as anyone can run it: each of its parts has done what it is there for, and all were right."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo.bootstrap import ROOT
from tests.demo_process import OURS as DEMO_VARIABLES
from tools.chaos.actors.outside_changes import CHANGE_KINDS
from tools.chaos.report import FAULTS
from tools.chaos.run.sizes import QUICK
from tools.chaos.scenarios.outages import QUICK_CRASH_COUNT
from tools.management.commands.chaos import PARTS

OURS = (*DEMO_VARIABLES, "PYTEST")
SEED = 20_261
pytestmark = [pytest.mark.all, pytest.mark.xdist_group("chaos")]


@dataclass(frozen=True)
class QuickRun:
    """Exit code, the object on the last line, all that was printed, and the folders that were left."""

    code: int
    figures: dict[str, Any]
    printed: str
    left: list[Path]

    def part(self, name: str) -> dict[str, Any]:
        return next(one for one in self.figures["parts"] if one["part"] == name)


@pytest.fixture(scope="module")
def quick() -> QuickRun:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = ["chaos", "--quick", "--seed", str(SEED), "--json", "--switches", "default"]
    with tempfile.TemporaryDirectory(prefix="mm-") as folder:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=kept | {"TMPDIR": folder}, check=False, capture_output=True, text=True, timeout=1800,
        )  # fmt: skip
        left = list(Path(folder).glob("mm-chaos-*"))
    printed = done.stdout + done.stderr
    last = (done.stdout.splitlines() or [""])[-1]
    assert last.startswith("{"), printed
    return QuickRun(done.returncode, json.loads(last), printed, left)


def test_the_exit_code_says_what_the_figures_say(quick: QuickRun) -> None:
    """What came late on a busy machine is said by the command, and right all the same."""
    assert {one["part"] for one in quick.figures["parts"]} == set(PARTS)
    assert quick.figures["right"], quick.printed
    assert quick.figures["ok"] == quick.figures["in_time"]
    assert quick.code == (0 if quick.figures["ok"] else 1)
    assert quick.left == []


@pytest.mark.parametrize("part", PARTS)
def test_no_fault_of_any_kind_is_seen(quick: QuickRun, part: str) -> None:
    found = quick.part(part)
    assert {name: found[name] for name in FAULTS} == dict.fromkeys(FAULTS, 0), quick.printed
    assert found["right"]


def test_workers_are_killed_while_they_work(quick: QuickRun) -> None:
    found, size = quick.part("kills"), QUICK["kills"]
    assert (found["kills"], found["requests"]) == (size.kills, size.requests)
    assert sum(found["kills_by_moment"].values()) == size.kills
    # Which moments so few kills meet depends on the machine.
    assert len(found["kills_by_moment"].keys() - {"idle"}) > 2
    assert found["statuses"] > 50


def test_beat_and_the_broker_are_killed_and_emptied(quick: QuickRun) -> None:
    assert {"beat", "broker", "broker emptied"} < quick.part("kills")["kills_by_moment"].keys(), quick.printed
    found = quick.part("outages")
    assert found["refill_seconds"] > 0
    assert found["takeover_seconds"] > 0


def test_sweeps_are_killed_while_they_work(quick: QuickRun) -> None:
    found, size = quick.part("sweeps"), QUICK["sweeps"]
    assert (found["kills"], found["requests"]) == (size.kills, size.requests)
    assert found["kills_by_moment"].keys() - {"idle"}


def test_few_more_calls_are_made_where_aws_fails_now_and_then(quick: QuickRun) -> None:
    assert quick.part("faults")["calls_ratio"] > 0


def test_grants_end_by_their_time_while_services_fail(quick: QuickRun) -> None:
    found = quick.part("outages")
    assert (found["expired"] > 0, found["kills"]) == (True, QUICK_CRASH_COUNT), quick.printed


def test_of_many_answers_at_once_one_counts(quick: QuickRun) -> None:
    found, times = quick.part("decisions"), QUICK["decisions"].requests
    assert (found["attempts"], found["errors"]["done"]) == (40 * times, times), quick.printed


def test_killed_readings_leave_no_half_of_a_table(quick: QuickRun) -> None:
    found = quick.part("sync")
    assert (found["requests"], found["statuses"] > 450) == (450, True), quick.printed


def test_every_class_of_changes_behind_the_portal_is_made_and_found(quick: QuickRun) -> None:
    found = quick.part("drift")
    assert found["requests"] >= QUICK["drift"].requests
    assert set(found["errors"]) == {kind.name for kind in CHANGE_KINDS}, quick.printed


@pytest.mark.parametrize("part", ["histories", "races"])
def test_columns_come_and_go_as_agreed(quick: QuickRun, part: str) -> None:
    found = quick.part(part)
    assert found["requests"] >= QUICK[part].requests
    assert found["revoked"] > 0
