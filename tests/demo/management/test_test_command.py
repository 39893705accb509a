"""`manage.py test`: what it hands to pytest, and that it leaves nothing behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.bootstrap import ROOT
from demo.embedded.child_process import has_ended, wait_until
from demo.management.commands import test
from demo.management.commands.test import (
    MOCKLAKE_TESTS,
    build_pytest_arguments,
    includes_mocklake,
    shared_bytecode,
)

TWO = ["-n", "2", "--dist", "loadgroup"]


def test_slow_tests_are_left_out_unless_asked_for() -> None:
    assert build_pytest_arguments([]) == [*TWO, "-m", "not all"]
    assert build_pytest_arguments(["tests/demo"]) == [*TWO, "-m", "not all", "tests/demo"]
    assert build_pytest_arguments(["--all", "-x"]) == [*TWO, "-x"]
    assert build_pytest_arguments(["-m", "browser"]) == [*TWO, "-m", "browser"]
    assert build_pytest_arguments(["tests/a.py::test_b", "-n", "0"]) == ["tests/a.py::test_b", "-n", "0"]


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


@pytest.mark.parametrize(("ours", "mocklakes", "both"), [(0, 0, 0), (1, 0, 1), (0, 3, 3), (1, 3, 1)])
def test_all_fails_when_either_run_fails(
    ours: int, mocklakes: int, both: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    runs: list[list[str]] = []

    def ran(own: list[str], _environment: dict[str, str]) -> int:
        runs.append(own)
        return mocklakes

    monkeypatch.setattr(test, "run_pytest", ran)
    assert test.run_mocklake_tests(ours, ["--all", "-x"]) == both
    assert runs == [[MOCKLAKE_TESTS, *TWO, "-x", "-m", ""]]
    assert capfd.readouterr().out.rstrip().splitlines()[-1].count("failed") == bool(ours) + bool(mocklakes)


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
