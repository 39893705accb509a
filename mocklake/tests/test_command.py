"""`python -m mocklake` as a person starts and ends it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mocklake.testing.server import ROOT


def started(state: Path, port: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mocklake", "--port", port, "--state", str(state)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_ctrl_c_ends_it_without_a_word(tmp_path: Path) -> None:
    server = started(tmp_path, "0")
    assert server.stdout
    assert server.stdout.readline().startswith("mocklake listens on http://127.0.0.1:")
    server.send_signal(signal.SIGINT)
    said, wrong = server.communicate(timeout=60)
    assert (server.returncode, said, wrong) == (0, "", "")


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
def test_what_is_no_port_is_told(tmp_path: Path, port: str) -> None:
    server = started(tmp_path, port)
    _, wrong = server.communicate(timeout=60)
    assert server.returncode == 2
    assert wrong.endswith(f"'{port}' is no port: 0 to 65535\n")
    assert not list(tmp_path.iterdir())
