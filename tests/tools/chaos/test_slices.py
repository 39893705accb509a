"""`manage.py chaos` as anyone can run it, in slices: each part has done what it is there for, and all were right."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from demo.bootstrap import ROOT
from mocklake.testing.switches import ALL, AWS_LIKE
from tests.demo_process import OURS as DEMO_VARIABLES
from tests.tools.chaos.slices import SLICES, ChaosSlice
from tools.chaos.actors.outside_changes import CHANGE_KINDS
from tools.chaos.actors.worker_killer import BROKER_MOMENTS, MOMENTS, draw_moments
from tools.chaos.report import FAULTS
from tools.chaos.run.parallel import QUICK
from tools.chaos.scenarios.outages import QUICK_CRASH_COUNT
from tools.environment.aws_switches import choose_switches
from tools.management.commands.chaos import PARTS

OURS = (*DEMO_VARIABLES, "PYTEST")


@dataclass(frozen=True)
class SliceRun:
    """Exit code, the object on the last line, all that was printed, and the folders that were left."""

    code: int
    figures: dict[str, Any]
    printed: str
    left: list[Path]

    def get_part(self, name: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = self.figures.get("parts", [self.figures])
        return next(one for one in found if one["part"] == name)


@cache
def run_slice(name: str) -> SliceRun:
    one = get_slice(name)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    with tempfile.TemporaryDirectory(prefix="mm-") as folder:
        done = subprocess.run(
            [sys.executable, "manage.py", *one.arguments],
            cwd=ROOT, env=kept | {"TMPDIR": folder}, check=False, capture_output=True, text=True,
        )  # fmt: skip
        left = list(Path(folder).glob("mm-chaos-*"))
    printed = done.stdout + done.stderr
    last = (done.stdout.splitlines() or [""])[-1]
    assert last.startswith("{"), printed
    return SliceRun(done.returncode, json.loads(last), printed, left)


def get_slice(name: str) -> ChaosSlice:
    return next(one for one in SLICES if one.name == name)


def find_part(part: str) -> dict[str, Any]:
    one = next(one for one in SLICES if part in one.parts)
    return run_slice(one.name).get_part(part)


@pytest.fixture(scope="module", autouse=True)
def _forget_runs() -> Iterator[None]:
    yield
    run_slice.cache_clear()


def test_between_them_the_slices_draw_every_value_of_every_switch() -> None:
    manners = AWS_LIKE.get_switches()
    drawn = {(name, value) for one in SLICES for name, value in choose_switches("drawn", one.seed).items()}
    every = {(name, value) for name, one in ALL.items() for value in one.values if name not in manners}
    assert every | set(manners.items()) == drawn


def test_between_them_the_slices_have_every_part_once() -> None:
    assert sorted(part for one in SLICES for part in one.parts) == sorted(PARTS)


@pytest.mark.parametrize("seed", [one.seed for one in SLICES])
def test_a_quick_run_draws_every_moment_of_a_kill(seed: int) -> None:
    moments = (*MOMENTS, *BROKER_MOMENTS)
    assert set(islice(draw_moments(seed, moments), QUICK["kills"].kills)) == set(moments)


@pytest.mark.all
@pytest.mark.xdist_group("chaos")
class TestRuns:
    @pytest.mark.parametrize("name", [one.name for one in SLICES])
    def test_the_exit_code_says_what_the_figures_say(self, name: str) -> None:
        """What came late on a busy machine is said by the command, and right all the same."""
        run = run_slice(name)
        assert run.figures["right"], run.printed
        assert run.figures["ok"] == run.figures["in_time"]
        assert run.code == (0 if run.figures["ok"] else 1)
        assert run.left == []

    @pytest.mark.parametrize("part", PARTS)
    def test_no_fault_of_any_kind_is_seen(self, part: str) -> None:
        found = find_part(part)
        assert {name: found[name] for name in FAULTS} == dict.fromkeys(FAULTS, 0)

    def test_workers_beat_and_the_broker_are_killed_while_they_work(self) -> None:
        found = find_part("kills")
        assert (found["kills"], found["requests"] > 0, found["statuses"] > 0) == (8, True, True)
        assert sum(found["kills_by_moment"].values()) == found["kills"]
        assert set(BROKER_MOMENTS) < found["kills_by_moment"].keys()

    @pytest.mark.parametrize("part", ["sweeps", "registrations"])
    def test_each_kill_is_counted_with_its_moment(self, part: str) -> None:
        found = find_part(part)
        assert (found["kills"], sum(found["kills_by_moment"].values())) == (2, 2)
        assert found["requests"] > 0

    def test_the_calls_where_aws_fails_now_and_then_are_counted_beside_those_where_it_does_not(self) -> None:
        found = find_part("faults")
        assert found["calls_ratio"] == round(found["writes"] / found["writes_without_faults"], 2)

    def test_grants_end_by_their_time_while_services_fail(self) -> None:
        found = find_part("outages")
        assert found["kills"] == QUICK_CRASH_COUNT
        assert found["refill_seconds"] > 0
        assert found["takeover_seconds"] > 0

    def test_of_many_answers_at_once_one_counts(self) -> None:
        found, times = find_part("decisions"), QUICK["decisions"].requests
        assert (found["attempts"], found["errors"]["done"]) == (40 * times, times)

    def test_killed_readings_leave_no_half_of_a_table(self) -> None:
        found, size = find_part("sync"), QUICK["sync"]
        assert (found["requests"], found["kills"]) == (size.requests, size.kills)
        assert found["statuses"] > size.requests

    def test_every_class_of_changes_behind_the_portal_is_made_and_found(self) -> None:
        found = find_part("drift")
        assert found["requests"] >= QUICK["drift"].requests
        assert set(found["errors"]) == {kind.name for kind in CHANGE_KINDS}

    @pytest.mark.parametrize("part", ["histories", "races"])
    def test_columns_come_and_go_as_agreed(self, part: str) -> None:
        found = find_part(part)
        assert found["requests"] >= QUICK[part].requests
        assert found["revoked"] > 0
