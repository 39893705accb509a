"""Processes that may have ended by themselves."""

import os
import signal
import subprocess
import sys

import pytest

from demo.embedded.child_process import has_ended, read_group, send_signal


def test_a_signal_reaches_a_running_process() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert send_signal(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def test_a_signal_to_a_process_that_is_gone_says_so() -> None:
    process = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    gone = int(process.stdout)
    assert has_ended(gone)
    assert not send_signal(gone, signal.SIGSTOP)


def test_a_running_process_has_its_group() -> None:
    assert read_group(os.getpid()) == os.getpgrp()


def test_a_process_that_ends_while_it_is_looked_at_has_no_group(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert read_group(process.pid) is not None
    monkeypatch.setattr("demo.embedded.child_process.has_ended", lambda pid: False)
    assert read_group(process.pid) is None
