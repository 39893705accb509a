"""`manage.py bench deeds`: a slice, for what it checks; not for how long things take."""

import json
import subprocess
import sys

import pytest

from demo.bootstrap import ROOT
from tools.bench.deeds.client import DEEDS


@pytest.mark.all
def test_each_deed_is_done_beside_the_minimal_view() -> None:
    command = [sys.executable, "manage.py", "bench", "deeds", "--quick", "--requests", "10"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=600)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    figures = {line["name"]: line for line in lines}
    for name in DEEDS:
        assert figures[name]["value"] > 0, done.stderr
        assert figures[name]["ratio_to"].endswith(f"by turns with {name}")
    assert done.returncode == int(any(figure["ok"] is False for figure in figures.values()))
