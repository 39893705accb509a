"""`manage.py bench engine`: a slice, for the calls that it counts; not for how long things take."""

import json
import subprocess
import sys
from typing import Any

import pytest

from demo.bootstrap import ROOT
from tools.bench.engine import bench as engine_bench
from tools.bench.report import BenchReport


def run_bench(*arguments: str) -> tuple[dict[str, Any], subprocess.CompletedProcess[str]]:
    command = [sys.executable, "manage.py", "bench", "engine", "--quick", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=900)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {line["name"]: line for line in lines if "name" in line}, done


def test_planning_is_measured_on_a_plan_that_has_something_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_bench, "PLANNED_WISHES", 300)
    board = BenchReport(lambda _line: None)
    engine_bench.measure_planning(board, {})
    assert [figure.name for figure in board.figures] == ["plan of 300 intents beside 500 permissions"]


@pytest.mark.all
def test_the_engine_makes_the_fewest_writing_calls() -> None:
    figures, done = run_bench("--part", "items", "--tables", "19")
    writes = figures["writing calls of the engine"]
    assert (writes["value"], writes["ratio"], writes["ok"]) == (12.0, 1.0, True), done.stderr
    assert figures["the engine"]["ratio_to"] == "the same calls by a bare boto3 loop"
    assert done.returncode == int(any(figure["ok"] is False for figure in figures.values()))


@pytest.mark.all
def test_registrations_take_few_calls_more_than_the_least() -> None:
    figures, done = run_bench("--part", "registrations")
    writes = figures["writing calls of the engine for registrations"]
    assert (writes["ratio_to"], writes["ok"]) == (
        "least possible writing calls for 40 registrations",
        True,
    ), done.stderr


@pytest.mark.all
def test_celery_workers_prove_a_few_scopes_and_idle() -> None:
    figures, done = run_bench("--part", "workers", "--scopes", "4")
    assert done.returncode in (0, 1), done.stderr
    assert figures["rounds by 4 workers"]["ratio_to"] == "rounds by 1 worker"
    assert figures["rounds by 1 worker of 4 processes"]["value"] > 0
    assert figures["processor's time of workers and beat, idle"]["value"] > 0
    assert figures["from the yes to the proof, with a broker"]["value"] > 0
    assert figures["from the yes to the proof, without a broker"]["value"] > 0
    assert '"left_out": "idle cost of the sweep before Celery"' in done.stdout
