"""The page on mocklake by itself: its commands run as they stand, one after the other."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mocklake.testing.server import ROOT

SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def _ran(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    ended = "trap 'kill $mocklake 2>/dev/null || true; wait' EXIT"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{ended}\n{script}"],
        check=False, cwd=folder, capture_output=True, text=True, timeout=120,
        env=own | {"PATH": path, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page's commands need curl")
@pytest.mark.all
def test_every_command_works(tmp_path: Path) -> None:
    blocks = SHELL.findall((ROOT / "mocklake" / "README.md").read_text())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    script = "".join(blocks).replace("5055", str(port))
    ran = _ran(tmp_path, script)
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout
    assert "['baked', 'orders']" in said
    assert '"kind": "throttle"' in said
    assert '{"allowed": false, "reasons": ["no row grants SELECT on this column"]}' in said
    assert "arn:aws:iam::123456789012:role/admin" in said
    assert said.count("scenarios went as they say") == 2
