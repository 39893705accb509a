"""`manage.py test`: what it hands to pytest, and that it leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from demo.bootstrap import ROOT
from demo.embedded.child_process import has_ended, wait_until
from demo.management.commands import test
from demo.management.commands.test import (
    build_pytest_arguments,
    includes_mocklake,
    shared_bytecode,
)

PLUGIN = ["-p", "tests.ledger.plugin"]
MANY = [*PLUGIN, "-n", "3", "--dist", "loadgroup"]


def test_slow_tests_are_left_out_unless_asked_for() -> None:
    assert build_pytest_arguments([]) == [*MANY, "-m", "not all"]
    assert build_pytest_arguments(["tests/demo"]) == [*MANY, "-m", "not all", "tests/demo"]
    assert build_pytest_arguments(["--all", "-x"]) == [*MANY, "-x"]
    assert build_pytest_arguments(["-m", "browser"]) == [*MANY, "-m", "browser"]
    assert build_pytest_arguments(["tests/a.py::test_b", "-n", "0"]) == [
        *PLUGIN,
        "tests/a.py::test_b",
        "-n",
        "0",
    ]


def test_all_includes_the_tests_of_mocklake_unless_some_are_selected() -> None:
    assert includes_mocklake(["--all"])
    assert includes_mocklake(["--all", "-x", "-n", "0"])
    assert not includes_mocklake([])
    for selected in (
        ["tests/demo"],
        ["tests/demo/test_operations.py::test_a"],
        ["-k", "demo"],
        ["--lf"],
        ["--gate"],
    ):
        assert not includes_mocklake(["--all", *selected])


@pytest.mark.parametrize(
    ("ours", "mocklakes", "seconds", "code"),
    [(0, 0, 0, 0), (1, 0, 0, 1), (0, 3, 0, 3), (0, 0, 1, 1), (2, 0, 0, 2)],
)
def test_all_fails_when_either_run_fails_or_is_over_budget(
    ours: int, mocklakes: int, seconds: int, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_beside(*_arguments: object) -> AbstractContextManager[Callable[[], int]]:
        return nullcontext(lambda: mocklakes)

    monkeypatch.setattr(test, "run_pytest", lambda *_arguments: ours)
    monkeypatch.setattr(test, "background_pytest", run_beside)
    monkeypatch.setattr(test, "report_seconds", lambda *_arguments: seconds)
    assert test.run_all(["--all"], {}, {}) == code


def test_what_runs_beside_is_shown_when_it_has_ended(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with test.background_pytest(["--version"], dict(os.environ), tmp_path / "out") as finish:
        assert finish() == 0
    assert "pytest" in capfd.readouterr().out


def test_what_runs_beside_ends_with_the_run(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    (tmp_path / "test_slow.py").write_text(SLOW.format(pids=pids))
    environment = {**os.environ, "MESHMARKET_TEST_FOLDER": "none"}
    with test.background_pytest([str(tmp_path), "-p", "no:django"], environment, tmp_path / "out"):
        assert wait_until(pids.exists, 30)
    assert has_ended(int(pids.read_text().split()[1]))


def test_the_gate_is_its_own_folder() -> None:
    assert "tests/gate" in build_pytest_arguments(["--gate"])


def test_what_python_compiles_is_kept_where_it_may_not_lie_beside_the_sources(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    with shared_bytecode() as environment:
        assert environment["PYTHONDONTWRITEBYTECODE"] == ""
        assert Path(environment["PYTHONPYCACHEPREFIX"]).is_relative_to(ROOT / ".venv")
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE")
    with shared_bytecode() as environment:
        assert environment == {}


@pytest.mark.all
def test_sigterm_stops_pytest_and_the_services(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    (tmp_path / "test_slow.py").write_text(SLOW.format(pids=pids))
    outside = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST", "DATABASE", "REDIS"))
    }
    running = subprocess.Popen(
        [sys.executable, "manage.py", "test", "-n", "0", str(tmp_path / "test_slow.py")],
        cwd=ROOT,
        env=outside,
        stdout=subprocess.DEVNULL,
    )
    assert wait_until(pids.exists, 30)
    running.send_signal(signal.SIGTERM)
    assert running.wait(30) == 128 + signal.SIGTERM
    folder, pid = pids.read_text().split()
    assert has_ended(int(pid))
    assert not Path(folder).exists()


SLOW = """
import os, time, pathlib

def test_slow():
    draft = pathlib.Path("{pids}.draft")
    draft.write_text(os.environ["MESHMARKET_TEST_FOLDER"] + " " + str(os.getpid()))
    draft.rename("{pids}")
    time.sleep(60)
"""
