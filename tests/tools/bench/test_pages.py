"""`manage.py bench pages`: a slice, for what it checks; not for how long things take."""

import json
import subprocess
import sys

import pytest

from demo.bootstrap import ROOT
from tools.bench.pages.bench import LEAST


@pytest.mark.all
def test_each_page_answers_beside_the_smallest_one() -> None:
    command = [
        sys.executable, "manage.py", "bench", "pages", "--quick", "--tables", "60", "--requests", "30",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=900)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    figures = {line["name"]: line for line in lines}
    for name in LEAST:
        assert figures[name]["value"] > 0, done.stderr
        assert figures[f"{name}, shown first"]["value"] > 0
        assert figures[name]["ratio_to"] == f"the smallest page, by turns with {name}"
    assert done.returncode == int(any(figure["ok"] is False for figure in figures.values()))
