"""`manage.py bench mocklake`: a slice, for what it prints and how it ends; not for how long things take."""

import json
import subprocess
import sys

import pytest

from demo.bootstrap import ROOT

MEMBERS = ["name", "value", "unit", "ratio_to", "ratio", "must", "stretch", "ok"]


@pytest.mark.all
def test_a_slice_prints_figures_and_ends_as_they_say() -> None:
    command = [
        sys.executable,
        "manage.py",
        "bench",
        "mocklake",
        "--quick",
        "--part",
        "reset",
        "--part",
        "pages",
        "--part",
        "threads",
    ]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=900)
    figures = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [list(figure) for figure in figures] == [MEMBERS] * 10, done.stdout + done.stderr
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
    assert done.returncode == int(any(figure["ok"] is False for figure in figures))


def test_a_subject_that_is_not_there_is_refused() -> None:
    command = [sys.executable, "manage.py", "bench", "weather"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=900)
    assert done.returncode == 2
    assert "invalid choice: 'weather'" in done.stderr
