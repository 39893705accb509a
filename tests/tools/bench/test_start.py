"""`manage.py bench start`: what is read of a start, from one that only says so."""

import os
import sys
from pathlib import Path

import pytest

from demo.embedded.child_process import EmbeddedError
from tools.bench.start.bench import measure_start

STARTS = """import json, sys
print("Installed in 3 s", flush=True)
print("The site answers at http://127.0.0.1:1/ after 2 s", flush=True)
print(json.dumps({{"ok": {ok}, "options": sys.argv[1:]}}), flush=True)
sys.exit({code})
"""


def write_demo(folder: Path, *, ok: bool) -> Path:
    (folder / "manage.py").write_text(STARTS.format(ok=ok, code=int(not ok)))
    return folder


def test_a_start_tells_when_it_was_where(tmp_path: Path) -> None:
    found = measure_start(sys.executable, write_demo(tmp_path, ok=True), tmp_path / "state")
    assert 0 < found.installed <= found.first_page <= found.verdict
    assert 0 < found.processor <= sum(os.times()[:4])


def test_a_start_that_proves_nothing_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match="did not prove its main job"):
        measure_start(sys.executable, write_demo(tmp_path, ok=False), tmp_path / "state")
