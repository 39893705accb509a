"""`manage.py bench clients`: a slice, for what it checks; not for how long things take."""

import json
import subprocess
import sys

import pytest

from demo.bench.slow_clients import KINDS
from demo.bootstrap import ROOT


@pytest.mark.all
def test_the_site_answers_beside_slow_clients_of_each_kind() -> None:
    command = [sys.executable, "manage.py", "bench", "clients", "--quick", "--count", "40"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=900)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    figures = {line["name"]: line for line in lines}
    for kind in KINDS:
        for name in ("health check", "page"):
            figure = figures[f"{name} beside 40 {kind}, 95 %"]
            assert figure["value"] > 0, done.stderr
            assert figure["ratio_to"] == f"{name}, idle before {kind}, 95 %"
    assert done.returncode == int(any(figure["ok"] is False for figure in figures.values()))
