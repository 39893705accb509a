"""`manage.py test`: what it hands to pytest, and that it leaves nothing behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.bootstrap import ROOT
from demo.embedded.process import has_ended, wait_until
from demo.management.commands.test import AWSIM, arguments, compiled_once

TWO = ["-n", "2", "--dist", "loadgroup"]


def test_slow_tests_are_left_out_unless_asked_for() -> None:
    assert arguments([]) == [*TWO, "-m", "not all", f"--ignore={AWSIM}"]
    assert arguments([AWSIM]) == [*TWO, "-m", "not all", AWSIM]
    assert arguments(["--all", "-x"]) == [*TWO, "-x"]
    assert arguments(["-m", "browser"]) == [*TWO, "-m", "browser"]
    assert arguments(["tests/a.py::test_b", "-n", "0"]) == ["tests/a.py::test_b", "-n", "0"]


def test_the_gate_is_its_own_folder() -> None:
    assert "tests/gate" in arguments(["--gate"])


def test_what_python_compiles_is_kept_where_it_may_not_lie_beside_the_sources(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    with compiled_once() as environment:
        assert environment["PYTHONDONTWRITEBYTECODE"] == ""
        assert Path(environment["PYTHONPYCACHEPREFIX"]).is_relative_to(sys.prefix)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE")
    with compiled_once() as environment:
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
