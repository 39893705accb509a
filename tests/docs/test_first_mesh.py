"""docs/first-mesh.md: its commands run as they stand, one after the other, on a folder that is thrown away."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.bootstrap import ROOT
from demo.embedded.ports import find_free_port
from tests.docs.pages import read_page

PAGE = read_page(ROOT / "docs" / "first-mesh.md")
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# The tests' own services are none of the page's business.
OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "MIGRATE_",
    "WORKER_",
    "SEALER_",
    "MESHMARKET_",
    "DJANGO_",
    "AWS_",
    "MOCKLAKE_",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, as a socket's path is."""
    place = Path(tempfile.mkdtemp(prefix="mm-"))
    yield place
    shutil.rmtree(place, ignore_errors=True)


def _run_commands(folder: Path) -> subprocess.CompletedProcess[str]:
    script = "".join(SHELL.findall(PAGE)).replace("8000", str(find_free_port()))
    script = script.replace(".local", str(folder / "state")).replace("local.log", str(folder / "log"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    ended = "trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{ended}\n{script}\nwait"],
        check=False, cwd=ROOT, capture_output=True, text=True, timeout=600, env=kept,
    )  # fmt: skip


@pytest.mark.all
def test_a_newcomer_comes_from_nothing_to_the_first_grant(folder: Path) -> None:
    ran = _run_commands(folder)
    said = ran.stdout
    assert ran.returncode == 0, f"{said}\n{ran.stderr}\n{(folder / 'log').read_text()}"
    assert "200 /admin/identity/person/" in said
    assert "200 /accounts/" in said
    assert said.count("is connected") == 3
    assert re.search(r"^\d+ ok$", said, re.MULTILINE)
    assert "main: 2 databases, 5 tables" in said
    assert said.count("proposed database the database") == 2
    assert "confirmed: 2 of 2 role changes" in said
    assert said.count("product ") == 5
    assert "order_id | coffee | kilos | sold_on\n1 | Yirgacheffe | 2.5 | 2026-10-01\n" in said
    assert "coffee | euros\nYirgacheffe | 28.0\n" in said
    assert said.index("refused, as it should be") < said.index("order_id |") < said.index("refused again")
