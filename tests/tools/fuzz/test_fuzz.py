"""The whole API with the calls of a fixed seed."""

import subprocess
import sys

import pytest

from demo.bootstrap import ROOT


@pytest.mark.all
def test_no_drawn_call_is_answered_otherwise_than_documented() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "fuzz", "--seed", "1", "--examples", "2"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
