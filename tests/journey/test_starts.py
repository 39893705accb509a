"""What a newcomer types, in a copy of the tracked files: a start that is killed in the middle, and the next."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.embedded.child_process import has_ended, wait_until
from tests.demo_process import get_output_file, read_verdict, start_process, wait_while_demo_moves
from tools.bench.start.bench import copy_tracked_files

pytestmark = [pytest.mark.all, pytest.mark.xdist_group("demo")]
END_SECONDS = 90.0


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mm-") as place:
        yield Path(place) / "state"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """`.ci/run` installs; here what it installed is used."""
    place = copy_tracked_files(tmp_path / "copy")
    (place / ".venv").symlink_to(sys.prefix)
    return place


def test_a_start_ends_what_a_killed_one_left_and_fills_nothing_anew(folder: Path, copy: Path) -> None:
    crash_after(folder, copy, "the producer approves")
    told = run_once(folder, copy)
    assert (
        told["what an earlier verdict left is ended"] == "0 asks withdrawn, 2 grants revoked, 2 roles deleted"
    )
    assert "Filling the marketplace" not in get_output_file(folder).read_text()
    assert is_nothing_running(folder)


def crash_after(folder: Path, copy: Path, words: str) -> None:
    """SIGKILL for the supervisor, once both consumers have come so far; its parts end by themselves."""
    process, _port = start_in_copy(folder, copy)
    try:
        assert wait_while_demo_moves(
            process, folder, lambda: get_output_file(folder).read_text().count(words) == 2
        ), f"never came to {words!r}"
        pids = {file.name: int(file.read_text().split()[0]) for file in (folder / "pids").iterdir()}
    finally:
        process.kill()
        process.wait()
    wait_until(lambda: all(has_ended(pid) for pid in pids.values()), END_SECONDS)
    assert [name for name, pid in pids.items() if not has_ended(pid)] == []


def run_once(folder: Path, copy: Path) -> dict[str, str]:
    """`--once` to its end; every step is true, and the verdict is the last line. Details by step."""
    process, _port = start_in_copy(folder, copy, "--once")
    output = get_output_file(folder)
    assert wait_while_demo_moves(process, folder, lambda: process.poll() is not None)
    assert process.returncode == 0, output.read_text()
    verdict = read_verdict(folder)
    assert verdict is not None
    assert {"ok", "url", "seconds", "steps"} == set(verdict)
    assert all(set(step) == {"name", "ok", "seconds", "detail"} for step in verdict["steps"])
    assert verdict["ok"]
    assert output.read_text().rstrip().splitlines()[-1].startswith('{"ok": true')
    return {step["name"]: step["detail"] for step in verdict["steps"]}


def start_in_copy(folder: Path, copy: Path, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """By the interpreter outside the environment, as a newcomer starts it."""
    python = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    return start_process(folder, *arguments, python=str(python), root=copy)


def is_nothing_running(state: Path) -> bool:
    """No process has the state folder on its command line."""
    found = subprocess.run(["pgrep", "-f", str(state)], capture_output=True, check=False)
    return found.returncode == 1
