"""`manage.py bench engine`: a slice, for the calls that it counts; not for how long things take."""

import pytest

from tests.tools.bench.command import run_bench
from tools.bench.engine import bench as engine_bench
from tools.bench.report import BenchReport

SEEN = (
    "rounds by 1 worker",
    "from the yes to the proof, with a broker",
    "from the yes to the proof, without a broker",
)
IDLE = ("processor's time of workers and beat, idle", "processor's time of the sweep, idle")


def test_planning_is_measured_on_a_plan_that_has_something_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_bench, "PLANNED_WISHES", 300)
    board = BenchReport(lambda _line: None)
    engine_bench.measure_planning(board, {})
    assert [figure.name for figure in board.figures] == ["plan of 300 intents beside 500 permissions"]


@pytest.mark.all
def test_the_engine_makes_the_fewest_writing_calls_and_workers_prove_a_few_scopes_and_idle() -> None:
    parts = ("--part", "items", "--part", "registrations", "--part", "workers")
    sizes = ("--tables", "19", "--scopes", "4", "--setups", "1", "--seconds", "1.5")
    run = run_bench("engine", "--quick", *parts, *sizes)
    run.check()
    writes = run.figures["writing calls of the engine"]
    assert (writes["ratio"], writes["ok"]) == (1.0, True)
    assert run.figures["the engine"]["ratio_to"] == "the same calls by a bare boto3 loop"
    registrations = run.figures["writing calls of the engine for registrations"]
    assert registrations["ratio_to"] == "least possible writing calls for 40 registrations"
    assert registrations["ok"]
    assert all(run.figures[name]["value"] > 0 for name in SEEN)
    assert run.figures.keys() >= {*IDLE, "messages of all queues a round, 1 worker"}
    assert "idle cost of the sweep before Celery" in run.left_out
