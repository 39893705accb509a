"""`manage.py bench mocklake`: a slice, for what it prints and how it ends; not for how long things take."""

import pytest

from tests.tools.bench.command import run_bench

MEMBERS = ["name", "value", "unit", "ratio_to", "ratio", "must", "stretch", "ok"]


@pytest.mark.all
def test_a_slice_prints_figures_and_ends_as_they_say() -> None:
    parts = ("--part", "reset", "--part", "pages", "--part", "threads")
    run = run_bench("mocklake", "--quick", *parts, "--seconds", "1")
    run.check()
    figures = run.lines
    assert [list(figure) for figure in figures] == [MEMBERS] * 10, run.errors
    assert [figure["name"] for figure in figures] == [
        "reset of the bank",
        "reset to another named seed",
        "GetTables of bare moto",
        "GetTables",
        "errors of 32 threads",
        "calls of 32 threads",
        "read of one thread, median",
        "read among 32 threads, p95",
        "32 calls of one thread, mean",
        "read among 32 threads, p95",
    ]
    assert [figure["value"] for figure in figures if figure["name"].startswith("errors")] == [0]
    assert all(figure["value"] > 0 for figure in figures if not figure["name"].startswith("errors"))


def test_a_subject_that_is_not_there_is_refused() -> None:
    run = run_bench("weather")
    assert run.code == 2
    assert "invalid choice: 'weather'" in run.errors
