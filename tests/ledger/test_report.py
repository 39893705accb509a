"""Where the seconds of a run went, and when it is over budget."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.ledger import report
from tests.ledger.machine import INTERVAL_SECONDS, REFERENCE_SECONDS, MachineSamples, compute_slowness
from tests.ledger.record import Budgets, Ledger, read_budgets, read_ledger
from tests.ledger.report import Run, format_counts, format_growth, list_failures, list_warnings

BUDGETS = Budgets(suite=100, file=20, failing=1.5, named={"tests/slow.py": (60, "it is slow")})


def make_result(files: dict[str, float], slowness: float = 1.0, **more: Any) -> dict[str, Any]:
    process = {
        "files": {name: [seconds, 0, 0] for name, seconds in files.items()},
        "fixtures": {"running_demo": [0, 5, 0]},
        "collection": [2, 0, 0],
        "beside": [1, 0, 0],
        "machine": [slowness * REFERENCE_SECONDS, 1],
    }
    counts = {"passed": len(files)}
    return {"exit": 0, "counts": counts, "processes": [process], "controller": 1, "postgres": 4, **more}


def make_run(files: dict[str, float]) -> Run:
    return Run.read([make_result(files)])


def test_a_run_is_the_sum_of_its_processes_and_of_both_runs() -> None:
    two = make_result({"tests/a.py": 3}, postgres=0)
    two["processes"] *= 2
    run = Run.read([make_result({"tests/a.py": 10, "tests/b.py": 1}), two])
    assert run.files["tests/a.py"].total == 16
    assert run.total == (16 + 1) + 3 * 5 + 3 * 2 + 3 * 1 + 2 * 1 + 4
    assert run.counts == {"passed": 3}


def test_what_postgres_used_for_no_file_is_counted_once() -> None:
    result = make_result({})
    result["processes"][0]["files"] = {"tests/a.py": [0, 0, 3]}
    run = Run.read([result])
    assert run.server == 1
    assert run.charged.postgres == 3


def test_seconds_of_a_slower_machine_are_divided_and_those_of_a_far_slower_one_not_judged() -> None:
    run = Run.read([make_result({"tests/a.py": 40}, slowness=1.1)])
    assert run.files["tests/a.py"].total == pytest.approx(40 / 1.1)
    assert len(list_failures(run, BUDGETS)) == 1
    far_slower = Run.read([make_result({"tests/a.py": 400}, slowness=2.0)])
    assert far_slower.total == (400 + 5 + 2 + 1 + 1 + 4) / 2
    assert list_failures(far_slower, BUDGETS) == []


def test_a_machine_is_as_slow_as_the_mean_of_its_samples_and_never_faster_than_the_ledgers() -> None:
    samples = [(3 * REFERENCE_SECONDS, 2), (3 * REFERENCE_SECONDS, 1)]
    assert compute_slowness(samples) == pytest.approx(2.0)
    assert (compute_slowness([(REFERENCE_SECONDS / 2, 1)]), compute_slowness([])) == (1.0, 1.0)


def test_the_work_is_measured_once_in_an_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter((1.0, INTERVAL_SECONDS - 1, INTERVAL_SECONDS + 1))
    monkeypatch.setattr("tests.ledger.machine.time.monotonic", lambda: next(now))
    samples = MachineSamples()
    for count in (1, 1, 2):
        samples.take_if_due()
        assert samples.count == count
    assert samples.seconds > 0


@pytest.mark.parametrize(
    ("files", "warnings", "failures"),
    [
        ({"tests/a.py": 19, "tests/slow.py": 59}, 0, 0),
        ({"tests/a.py": 21}, 1, 0),
        ({"tests/a.py": 31}, 1, 1),
        ({"tests/slow.py": 61}, 1, 0),
        ({f"tests/{number}.py": 15 for number in range(8)}, 1, 0),
        ({f"tests/{number}.py": 15 for number in range(10)}, 1, 1),
        ({"tests/known.py": 17.9}, 0, 0),
        ({"tests/known.py": 18.1}, 1, 0),
    ],
)
def test_warns_over_a_budget_and_fails_far_beyond(
    files: dict[str, float], warnings: int, failures: int
) -> None:
    run = make_run(files)
    assert len(list(list_warnings(run, Ledger({"tests/known.py": 10.0}), BUDGETS))) == warnings
    assert len(list_failures(run, BUDGETS)) == failures


def test_the_ten_that_grew_most_are_named() -> None:
    files = {f"tests/test_{number:02}.py": 2.0 + number for number in range(15)}
    lines = list(format_growth(make_run(files), Ledger(dict.fromkeys(files, 1.0))))
    assert len(lines) == 11
    assert "test_14.py: 16.0 s, recorded 1.0 s" in lines[1]
    assert list(format_growth(make_run(files), Ledger(files))) == []


def test_a_renewal_keeps_what_hardly_changed() -> None:
    old = Ledger({"a": 10.0, "b": 10.0, "gone": 1.0})
    measured = Ledger({"a": 11.5, "b": 13.0, "new": 2.0})
    assert old.renew(measured, whole=True).files == {"a": 10.0, "b": 13.0, "new": 2.0}
    assert old.renew(measured, whole=False).files == {"a": 10.0, "b": 13.0, "new": 2.0, "gone": 1.0}


def test_a_ledger_is_read_as_it_was_written(tmp_path: Path) -> None:
    ledger = Ledger({"tests/b.py": 2.0, "tests/a.py": 1.5}, {"cloud": 3.0})
    (tmp_path / "ledger.toml").write_text(ledger.format())
    assert read_ledger(tmp_path / "ledger.toml") == ledger
    assert ledger.format().index("tests/a.py") < ledger.format().index("tests/b.py")


def test_the_last_line_counts_both_as_pytest_does() -> None:
    line = format_counts(Counter(passed=12, failed=1, skipped=2, warnings=1), 3725.5)
    assert line.strip("= ") == "1 failed, 12 passed, 2 skipped, 1 warning in 3725.50s (1:02:05)"


def test_the_command_fails_far_beyond_the_budget_and_ends_with_the_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    most = read_budgets().file * read_budgets().failing
    for seconds, code in ((most - 1, 0), (most + 1, 1)):
        (tmp_path / "one.json").write_text(json.dumps(make_result({"tests/new.py": seconds})))
        assert report.main([str(tmp_path / "one.json"), str(tmp_path / "none.json"), "--judge"]) == code
        assert "1 passed in" in capsys.readouterr().out.splitlines()[-1]
